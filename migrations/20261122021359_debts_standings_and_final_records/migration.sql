-- Members of before have a debt account, and stand where their tier is.
INSERT INTO `accounts` (`brand_id`, `id`, `unit`, `kind`, `member_id`, `balance`)
  SELECT `brand_id`, 'acc_' || lower(hex(randomblob(13))), 'POINTS', 'DEBT', `id`, 0 FROM `members`;
--> statement-breakpoint
INSERT INTO `standings` (`brand_id`, `member_id`, `tier_id`, `since`, `version`)
  SELECT `brand_id`, `id`, `tier_id`, `tier_since`, 1 FROM `members`;
--> statement-breakpoint
-- What a transfer takes back is never more than it was, in however many parts.
CREATE TRIGGER `transfer_is_taken_back_once` BEFORE INSERT ON `transfers`
WHEN NEW.`reverses_transfer_id` IS NOT NULL AND NEW.`amount` + (
    SELECT coalesce(sum(`amount`), 0) FROM `transfers`
    WHERE `brand_id` = NEW.`brand_id` AND `reverses_transfer_id` = NEW.`reverses_transfer_id`)
  > (SELECT `amount` FROM `transfers` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`reverses_transfer_id`)
BEGIN SELECT RAISE(ABORT, 'no more is taken back than was moved'); END;
--> statement-breakpoint
CREATE TRIGGER `rule_sets_are_final_update` BEFORE UPDATE OF `brand_id`, `id`, `kind`, `starts_at`, `rules`, `created_at` ON `rule_sets`
BEGIN SELECT RAISE(ABORT, 'rule sets are final'); END;
--> statement-breakpoint
CREATE TRIGGER `rule_sets_are_final_delete` BEFORE DELETE ON `rule_sets` BEGIN SELECT RAISE(ABORT, 'rule sets are final'); END;
--> statement-breakpoint
-- Of an award, only what becomes of it can change.
CREATE TRIGGER `awards_are_final_update` BEFORE UPDATE OF `brand_id`, `id`, `member_id`, `order_id`, `activity_id`, `rule_set_id`,
  `points`, `growth_value`, `earned_at`, `decision`, `created_at` ON `awards`
BEGIN SELECT RAISE(ABORT, 'awards are final'); END;
--> statement-breakpoint
CREATE TRIGGER `awards_are_final_delete` BEFORE DELETE ON `awards` BEGIN SELECT RAISE(ABORT, 'awards are final'); END;
--> statement-breakpoint
CREATE TRIGGER `tier_changes_are_final_update` BEFORE UPDATE ON `tier_changes` BEGIN SELECT RAISE(ABORT, 'tier changes are final'); END;
--> statement-breakpoint
CREATE TRIGGER `tier_changes_are_final_delete` BEFORE DELETE ON `tier_changes` BEGIN SELECT RAISE(ABORT, 'tier changes are final'); END;
--> statement-breakpoint
CREATE TRIGGER `benefit_usages_are_final_update` BEFORE UPDATE ON `benefit_usages` BEGIN SELECT RAISE(ABORT, 'benefit usages are final'); END;
--> statement-breakpoint
CREATE TRIGGER `benefit_usages_are_final_delete` BEFORE DELETE ON `benefit_usages` BEGIN SELECT RAISE(ABORT, 'benefit usages are final'); END;
--> statement-breakpoint
-- A fact stays as it was told.
CREATE TRIGGER `refunds_are_final_update` BEFORE UPDATE ON `refunds` BEGIN SELECT RAISE(ABORT, 'refunds are final'); END;
--> statement-breakpoint
CREATE TRIGGER `refunds_are_final_delete` BEFORE DELETE ON `refunds` BEGIN SELECT RAISE(ABORT, 'refunds are final'); END;
--> statement-breakpoint
CREATE TRIGGER `activities_are_final_update` BEFORE UPDATE ON `activities` BEGIN SELECT RAISE(ABORT, 'activities are final'); END;
--> statement-breakpoint
CREATE TRIGGER `activities_are_final_delete` BEFORE DELETE ON `activities` BEGIN SELECT RAISE(ABORT, 'activities are final'); END;
