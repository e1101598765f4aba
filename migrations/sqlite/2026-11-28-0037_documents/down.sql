DROP TABLE signature_file;
DROP TABLE paper_setting;
DROP TABLE signer;
