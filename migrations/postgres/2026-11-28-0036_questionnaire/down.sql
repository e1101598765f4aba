DROP TABLE own_answer;
DROP TABLE own_attempt;
DROP TABLE questionnaire;
