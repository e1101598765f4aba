DROP TABLE vote_award;
DROP TABLE vote_voice;
DROP TABLE vote_voter;
DROP TABLE vote;
