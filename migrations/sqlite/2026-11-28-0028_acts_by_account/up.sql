-- Whether an organisation worked on the platform in a period ends at the first act of one of its accounts.
CREATE INDEX iom_act_by_account_id_on_date ON iom_act (account_id, on_date);
CREATE INDEX role_grant_by_unit_id ON role_grant (unit_id);
