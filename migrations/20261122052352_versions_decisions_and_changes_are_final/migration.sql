-- The terms of an offer change with its version only, and each version stays on record.
DROP TRIGGER `offer_terms_are_final`;
--> statement-breakpoint
INSERT INTO `offer_versions` (`brand_id`, `offer_id`, `version`, `title`, `description`, `terms`, `issue_limit`, `per_member_limit`, `created_at`)
  SELECT `brand_id`, `id`, `version`, `title`, `description`, `terms`, `issue_limit`, `per_member_limit`, `created_at` FROM `offers`;
--> statement-breakpoint
CREATE TRIGGER `offer_has_a_first_version` AFTER INSERT ON `offers` BEGIN
  INSERT INTO `offer_versions` (`brand_id`, `offer_id`, `version`, `title`, `description`, `terms`, `issue_limit`, `per_member_limit`, `created_at`)
  VALUES (NEW.`brand_id`, NEW.`id`, NEW.`version`, NEW.`title`, NEW.`description`, NEW.`terms`, NEW.`issue_limit`, NEW.`per_member_limit`, NEW.`created_at`);
END;
--> statement-breakpoint
CREATE TRIGGER `offer_is_as_its_version_says` BEFORE UPDATE OF `version`, `title`, `description`, `terms`, `issue_limit`, `per_member_limit` ON `offers`
WHEN NOT EXISTS (SELECT 1 FROM `offer_versions` v WHERE v.`brand_id` = NEW.`brand_id` AND v.`offer_id` = NEW.`id` AND v.`version` = NEW.`version`
  AND v.`title` = NEW.`title` AND v.`description` IS NEW.`description` AND v.`terms` = NEW.`terms`
  AND v.`issue_limit` IS NEW.`issue_limit` AND v.`per_member_limit` IS NEW.`per_member_limit`)
BEGIN SELECT RAISE(ABORT, 'the terms of an offer are final: those of its version'); END;
--> statement-breakpoint
CREATE TRIGGER `offer_versions_are_final_update` BEFORE UPDATE ON `offer_versions` BEGIN SELECT RAISE(ABORT, 'the versions of an offer are final'); END;
--> statement-breakpoint
CREATE TRIGGER `offer_versions_are_final_delete` BEFORE DELETE ON `offer_versions` BEGIN SELECT RAISE(ABORT, 'the versions of an offer are final'); END;
--> statement-breakpoint
CREATE TRIGGER `coupon_has_terms` BEFORE INSERT ON `coupons`
WHEN NOT EXISTS (SELECT 1 FROM `offer_versions` v WHERE v.`brand_id` = NEW.`brand_id` AND v.`offer_id` = NEW.`offer_id` AND v.`version` = NEW.`offer_version`)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed: a coupon keeps a version of its offer'); END;
--> statement-breakpoint
CREATE TRIGGER `coupon_terms_are_final` BEFORE UPDATE OF `offer_id`, `offer_version`, `code` ON `coupons`
BEGIN SELECT RAISE(ABORT, 'a coupon keeps its code and its terms'); END;
--> statement-breakpoint
UPDATE `redemptions` SET `offer_id` = (SELECT c.`offer_id` FROM `coupons` c WHERE c.`brand_id` = `redemptions`.`brand_id` AND c.`id` = `redemptions`.`coupon_id`);
--> statement-breakpoint
CREATE TRIGGER `redemption_is_of_the_offer` BEFORE INSERT ON `redemptions`
WHEN NEW.`offer_id` IS NOT (SELECT `offer_id` FROM `coupons` WHERE `brand_id` = NEW.`brand_id` AND `id` = NEW.`coupon_id`)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed: a redemption is of its coupon''s offer'); END;
--> statement-breakpoint
CREATE TRIGGER `redemption_rolls_back_once` BEFORE UPDATE OF `rolled_back_minor` ON `redemptions`
WHEN NEW.`rolled_back_minor` NOT BETWEEN OLD.`rolled_back_minor` AND NEW.`discount_minor`
BEGIN SELECT RAISE(ABORT, 'no more is rolled back than was taken off'); END;
--> statement-breakpoint
CREATE TRIGGER `coupon_changes_are_final_update` BEFORE UPDATE ON `coupon_changes` BEGIN SELECT RAISE(ABORT, 'coupon changes are final'); END;
--> statement-breakpoint
CREATE TRIGGER `coupon_changes_are_final_delete` BEFORE DELETE ON `coupon_changes` BEGIN SELECT RAISE(ABORT, 'coupon changes are final'); END;
--> statement-breakpoint
CREATE TRIGGER `decisions_are_final_update` BEFORE UPDATE ON `decisions` BEGIN SELECT RAISE(ABORT, 'decisions are final'); END;
--> statement-breakpoint
CREATE TRIGGER `decisions_are_final_delete` BEFORE DELETE ON `decisions` BEGIN SELECT RAISE(ABORT, 'decisions are final'); END;
--> statement-breakpoint
CREATE TRIGGER `code_batches_are_final_update` BEFORE UPDATE OF `brand_id`, `id`, `offer_id`, `offer_version`, `prefix`, `alphabet`, `length`, `grouping`,
  `first_serial`, `count`, `created_at` ON `code_batches`
BEGIN SELECT RAISE(ABORT, 'code batches are final'); END;
--> statement-breakpoint
CREATE TRIGGER `code_batches_are_final_delete` BEFORE DELETE ON `code_batches` BEGIN SELECT RAISE(ABORT, 'code batches are final'); END;
