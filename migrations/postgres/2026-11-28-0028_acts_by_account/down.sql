DROP INDEX role_grant_by_unit_id;
DROP INDEX iom_act_by_account_id_on_date;
