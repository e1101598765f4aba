DROP TABLE iom_evidence;
DROP TABLE upload;
