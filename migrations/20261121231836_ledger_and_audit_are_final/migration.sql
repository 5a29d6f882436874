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

--> statement-breakpoint
-- A lot's remaining follows the uses of it, in the same commit; points of one member never move for another.
CREATE TRIGGER `lot_use_stays_with_its_member` BEFORE INSERT ON `lot_uses`
WHEN (SELECT `member_id` FROM `lots` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`lot_id`)
  IS NOT (SELECT `member_id` FROM `transfers` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`transfer_id`)
BEGIN SELECT RAISE(ABORT, 'a lot is used for its own member'); END;
--> statement-breakpoint
CREATE TRIGGER `lot_use_moves_remaining` AFTER INSERT ON `lot_uses` BEGIN
  UPDATE `lots` SET `remaining` = `remaining` + NEW.`amount` * (
    SELECT (c.`kind` = 'AVAILABLE') - (d.`kind` = 'AVAILABLE') FROM `transfers` t
    JOIN `accounts` c ON c.`brand_id` = t.`brand_id` AND c.`id` = t.`credit_account_id`
    JOIN `accounts` d ON d.`brand_id` = t.`brand_id` AND d.`id` = t.`debit_account_id`
    WHERE t.`brand_id` = NEW.`brand_id` AND t.`id` = NEW.`transfer_id`)
  WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`lot_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `lot_uses_are_final_update` BEFORE UPDATE ON `lot_uses` BEGIN SELECT RAISE(ABORT, 'lot uses are final'); END;
--> statement-breakpoint
CREATE TRIGGER `lot_uses_are_final_delete` BEFORE DELETE ON `lot_uses` BEGIN SELECT RAISE(ABORT, 'lot uses are final'); END;
--> statement-breakpoint
-- Of a lot, only what remains and when it expires can change.
CREATE TRIGGER `lots_are_final_update` BEFORE UPDATE OF `brand_id`, `id`, `member_id`, `transfer_id`, `amount`, `spendable_at`,
  `issued_by_brand_id`, `funded_by_brand_id`, `cost_micro_minor`, `created_at` ON `lots`
BEGIN SELECT RAISE(ABORT, 'lots are final'); END;
--> statement-breakpoint
CREATE TRIGGER `lots_are_final_delete` BEFORE DELETE ON `lots` BEGIN SELECT RAISE(ABORT, 'lots are final'); END;
