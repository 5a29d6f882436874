CREATE TABLE `checkout_benefits` (
	`brand_id` text NOT NULL,
	`checkout_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`discount_minor` integer NOT NULL,
	`period_start` integer NOT NULL,
	CONSTRAINT `checkout_benefits_pk` PRIMARY KEY(`brand_id`, `checkout_id`, `benefit_id`),
	CONSTRAINT `fk_checkout_benefits_brand_id_checkout_id_checkouts_brand_id_id_fk` FOREIGN KEY (`brand_id`,`checkout_id`) REFERENCES `checkouts`(`brand_id`,`id`),
	CONSTRAINT `fk_checkout_benefits_brand_id_benefit_id_benefits_brand_id_id_fk` FOREIGN KEY (`brand_id`,`benefit_id`) REFERENCES `benefits`(`brand_id`,`id`),
	CONSTRAINT "checkout_benefit_discount" CHECK("discount_minor" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `checkout_coupons` (
	`brand_id` text NOT NULL,
	`checkout_id` text NOT NULL,
	`coupon_id` text NOT NULL,
	`offer_id` text NOT NULL,
	`discount_minor` integer NOT NULL,
	`lines` text NOT NULL,
	`counted` text NOT NULL,
	`redemption_id` text,
	`lot_id` text,
	CONSTRAINT `checkout_coupons_pk` PRIMARY KEY(`brand_id`, `checkout_id`, `coupon_id`),
	CONSTRAINT `fk_checkout_coupons_brand_id_checkout_id_checkouts_brand_id_id_fk` FOREIGN KEY (`brand_id`,`checkout_id`) REFERENCES `checkouts`(`brand_id`,`id`),
	CONSTRAINT `fk_checkout_coupons_brand_id_coupon_id_coupons_brand_id_id_fk` FOREIGN KEY (`brand_id`,`coupon_id`) REFERENCES `coupons`(`brand_id`,`id`),
	CONSTRAINT `fk_checkout_coupons_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT `fk_checkout_coupons_brand_id_redemption_id_redemptions_brand_id_id_fk` FOREIGN KEY (`brand_id`,`redemption_id`) REFERENCES `redemptions`(`brand_id`,`id`),
	CONSTRAINT `fk_checkout_coupons_brand_id_lot_id_lots_brand_id_id_fk` FOREIGN KEY (`brand_id`,`lot_id`) REFERENCES `lots`(`brand_id`,`id`),
	CONSTRAINT "checkout_coupon_discount" CHECK("discount_minor" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `checkouts` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`source` text NOT NULL,
	`order_reference` text NOT NULL,
	`state` text NOT NULL,
	`decision_id` text NOT NULL,
	`currency` text NOT NULL,
	`discount_minor` integer NOT NULL,
	`payable_minor` integer NOT NULL,
	`hold_id` text,
	`order_id` text,
	`expires_at` integer NOT NULL,
	`settled_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `checkouts_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_checkouts_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_checkouts_brand_id_decision_id_decisions_brand_id_id_fk` FOREIGN KEY (`brand_id`,`decision_id`) REFERENCES `decisions`(`brand_id`,`id`),
	CONSTRAINT `fk_checkouts_brand_id_hold_id_holds_brand_id_id_fk` FOREIGN KEY (`brand_id`,`hold_id`) REFERENCES `holds`(`brand_id`,`id`),
	CONSTRAINT `fk_checkouts_brand_id_order_id_orders_brand_id_id_fk` FOREIGN KEY (`brand_id`,`order_id`) REFERENCES `orders`(`brand_id`,`id`),
	CONSTRAINT "checkout_amounts" CHECK("discount_minor" >= 0 and "payable_minor" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `decisions` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text,
	`facts` text NOT NULL,
	`outcome` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `decisions_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_decisions_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `code_batches` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`offer_id` text NOT NULL,
	`offer_version` integer NOT NULL,
	`prefix` text NOT NULL,
	`alphabet` text NOT NULL,
	`length` integer NOT NULL,
	`grouping` integer NOT NULL,
	`first_serial` integer NOT NULL,
	`count` integer NOT NULL,
	`revoked_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `code_batches_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_code_batches_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT "code_batch_range" CHECK("first_serial" >= 0 and "count" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `shared_codes` (
	`brand_id` text NOT NULL,
	`code` text NOT NULL,
	`offer_id` text NOT NULL,
	`claim_limit` integer,
	`claimed_count` integer NOT NULL,
	`revoked_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `shared_codes_pk` PRIMARY KEY(`brand_id`, `code`),
	CONSTRAINT `fk_shared_codes_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT "shared_code_limit" CHECK("claimed_count" >= 0 and "claimed_count" <= "claim_limit")
) STRICT;
--> statement-breakpoint
CREATE TABLE `coupon_changes` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`coupon_id` text NOT NULL,
	`kind` text NOT NULL,
	`member_id` text,
	`redemption_id` text,
	`reference` text,
	`created_at` integer NOT NULL,
	CONSTRAINT `coupon_changes_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_coupon_changes_brand_id_coupon_id_coupons_brand_id_id_fk` FOREIGN KEY (`brand_id`,`coupon_id`) REFERENCES `coupons`(`brand_id`,`id`),
	CONSTRAINT `fk_coupon_changes_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_coupon_changes_brand_id_redemption_id_redemptions_brand_id_id_fk` FOREIGN KEY (`brand_id`,`redemption_id`) REFERENCES `redemptions`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `offer_counters` (
	`brand_id` text NOT NULL,
	`offer_id` text NOT NULL,
	`subject` text NOT NULL,
	`period` text NOT NULL,
	`period_start` integer NOT NULL,
	`uses` integer NOT NULL,
	`uses_limit` integer,
	`discount_minor` integer NOT NULL,
	`discount_limit_minor` integer,
	CONSTRAINT `offer_counters_pk` PRIMARY KEY(`brand_id`, `offer_id`, `subject`, `period`, `period_start`),
	CONSTRAINT `fk_offer_counters_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT "offer_uses" CHECK("uses" >= 0 and "uses" <= "uses_limit"),
	CONSTRAINT "offer_budget" CHECK("discount_minor" >= 0 and "discount_minor" <= "discount_limit_minor")
) STRICT;
--> statement-breakpoint
CREATE TABLE `offer_versions` (
	`brand_id` text NOT NULL,
	`offer_id` text NOT NULL,
	`version` integer NOT NULL,
	`title` text NOT NULL,
	`description` text,
	`terms` text NOT NULL,
	`issue_limit` integer,
	`per_member_limit` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `offer_versions_pk` PRIMARY KEY(`brand_id`, `offer_id`, `version`),
	CONSTRAINT `fk_offer_versions_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
ALTER TABLE `coupons` ADD `offer_version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `coupons` ADD `held_until` integer;--> statement-breakpoint
ALTER TABLE `coupons` ADD `expiry_order` integer GENERATED ALWAYS AS (coalesce(expires_at, 9007199254740991)) VIRTUAL NOT NULL;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `offer_id` text;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `channel` text;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `store` text;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `lines` text;--> statement-breakpoint
ALTER TABLE `redemptions` ADD `rolled_back_minor` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `offers` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `offers` ADD `is_automatic` integer DEFAULT false NOT NULL;--> statement-breakpoint
DROP INDEX IF EXISTS `coupons_by_member`;--> statement-breakpoint
CREATE INDEX `checkout_coupons_by_coupon` ON `checkout_coupons` (`brand_id`,`coupon_id`);--> statement-breakpoint
CREATE INDEX `checkout_coupons_by_redemption` ON `checkout_coupons` (`brand_id`,`redemption_id`) WHERE "checkout_coupons"."redemption_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `checkout_of_order` ON `checkouts` (`brand_id`,`source`,`order_reference`) WHERE "checkouts"."state" <> 'CANCELLED';--> statement-breakpoint
CREATE INDEX `checkouts_by_member` ON `checkouts` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `open_checkouts_by_expiry` ON `checkouts` (`expires_at`,`brand_id`,`id`) WHERE "checkouts"."state" = 'OPEN';--> statement-breakpoint
CREATE INDEX `decisions_by_member` ON `decisions` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `code_range` ON `code_batches` (`brand_id`,`prefix`,`alphabet`,`length`,`first_serial`);--> statement-breakpoint
CREATE INDEX `code_batches_by_offer` ON `code_batches` (`brand_id`,`offer_id`,`id`);--> statement-breakpoint
CREATE INDEX `shared_codes_by_offer` ON `shared_codes` (`brand_id`,`offer_id`);--> statement-breakpoint
CREATE INDEX `coupon_changes_by_coupon` ON `coupon_changes` (`brand_id`,`coupon_id`,`id`);--> statement-breakpoint
CREATE INDEX `coupons_by_expiry` ON `coupons` (`brand_id`,`member_id`,`state`,`expiry_order`,`id`);--> statement-breakpoint
CREATE INDEX `redemptions_by_coupon` ON `redemptions` (`brand_id`,`coupon_id`,`redeemed_at`);--> statement-breakpoint
CREATE INDEX `redemptions_by_offer` ON `redemptions` (`brand_id`,`offer_id`,`redeemed_at`);--> statement-breakpoint
CREATE INDEX `automatic_offers` ON `offers` (`brand_id`,`id`) WHERE "offers"."is_automatic" = 1 and "offers"."state" = 'ACTIVE';