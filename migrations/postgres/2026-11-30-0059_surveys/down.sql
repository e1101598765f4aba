DROP TABLE survey_answer;
DROP TABLE survey_sheet;
DROP TABLE survey_participant;
DROP TABLE survey;
