-- What happened is never changed and never deleted.
CREATE TRIGGER `transfers_are_final_update` BEFORE UPDATE ON `transfers` BEGIN SELECT RAISE(ABORT, 'transfers are final'); END;
--> statement-breakpoint
CREATE TRIGGER `transfers_are_final_delete` BEFORE DELETE ON `transfers` BEGIN SELECT RAISE(ABORT, 'transfers are final'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_is_final_update` BEFORE UPDATE ON `audit` BEGIN SELECT RAISE(ABORT, 'audit is final'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_is_final_delete` BEFORE DELETE ON `audit` BEGIN SELECT RAISE(ABORT, 'audit is final'); END;
--> statement-breakpoint
-- A balance follows its transfers, in the same commit. Points never become growth value.
CREATE TRIGGER `transfer_units_agree` BEFORE INSERT ON `transfers`
WHEN (SELECT `unit` FROM `accounts` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`debit_account_id`)
  IS NOT (SELECT `unit` FROM `accounts` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`credit_account_id`)
BEGIN SELECT RAISE(ABORT, 'a transfer stays in one unit'); END;
--> statement-breakpoint
CREATE TRIGGER `transfer_moves_balances` AFTER INSERT ON `transfers` BEGIN
  UPDATE `accounts` SET `balance` = `balance` - NEW.`amount` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`debit_account_id`;
  UPDATE `accounts` SET `balance` = `balance` + NEW.`amount` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`credit_account_id`;
END;
--> statement-breakpoint
-- The terms of an offer never change.
CREATE TRIGGER `offer_terms_are_final` BEFORE UPDATE OF `terms`, `issue_limit`, `per_member_limit` ON `offers`
BEGIN SELECT RAISE(ABORT, 'the terms of an offer are final'); END;
