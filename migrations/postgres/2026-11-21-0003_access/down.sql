DROP TABLE role_grant;
DROP TABLE account;
