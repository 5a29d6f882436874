CREATE TABLE `benefit_usages` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`kind` text NOT NULL,
	`reference` text,
	`coupon_id` text,
	`period_start` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `benefit_usages_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_benefit_usages_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_benefit_usages_brand_id_benefit_id_benefits_brand_id_id_fk` FOREIGN KEY (`brand_id`,`benefit_id`) REFERENCES `benefits`(`brand_id`,`id`),
	CONSTRAINT `fk_benefit_usages_brand_id_coupon_id_coupons_brand_id_id_fk` FOREIGN KEY (`brand_id`,`coupon_id`) REFERENCES `coupons`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `awards` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`order_id` text,
	`activity_id` text,
	`rule_set_id` text NOT NULL,
	`points` integer NOT NULL,
	`growth_value` integer NOT NULL,
	`points_back` integer NOT NULL,
	`growth_value_back` integer NOT NULL,
	`state` text NOT NULL,
	`earned_at` integer NOT NULL,
	`spendable_at` integer,
	`transfer_id` text,
	`lot_id` text,
	`decision` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT `awards_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_awards_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_awards_brand_id_order_id_orders_brand_id_id_fk` FOREIGN KEY (`brand_id`,`order_id`) REFERENCES `orders`(`brand_id`,`id`),
	CONSTRAINT `fk_awards_brand_id_activity_id_activities_brand_id_id_fk` FOREIGN KEY (`brand_id`,`activity_id`) REFERENCES `activities`(`brand_id`,`id`),
	CONSTRAINT `fk_awards_brand_id_rule_set_id_rule_sets_brand_id_id_fk` FOREIGN KEY (`brand_id`,`rule_set_id`) REFERENCES `rule_sets`(`brand_id`,`id`),
	CONSTRAINT `fk_awards_brand_id_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT `fk_awards_brand_id_lot_id_lots_brand_id_id_fk` FOREIGN KEY (`brand_id`,`lot_id`) REFERENCES `lots`(`brand_id`,`id`),
	CONSTRAINT "award_taken_back" CHECK("points_back" between 0 and "points" and "growth_value_back" between 0 and "growth_value")
) STRICT;
--> statement-breakpoint
CREATE TABLE `jobs` (
	`name` text PRIMARY KEY,
	`as_of` integer NOT NULL,
	`place` text,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`last_finished_at` integer,
	`done_count` integer NOT NULL,
	`failed_count` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `adjustments` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`unit` text NOT NULL,
	`amount` integer NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`proposed_by` text NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`transfer_id` text,
	`created_at` integer NOT NULL,
	CONSTRAINT `adjustments_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_adjustments_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_adjustments_brand_id_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT "adjustment_decided_by_another" CHECK("decided_by" <> "proposed_by"),
	CONSTRAINT "adjustment_amount" CHECK("amount" <> 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `reminders` (
	`brand_id` text NOT NULL,
	`member_id` text NOT NULL,
	`subject` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `reminders_pk` PRIMARY KEY(`brand_id`, `member_id`, `subject`),
	CONSTRAINT `fk_reminders_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `rule_sets` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`starts_at` integer NOT NULL,
	`rules` text NOT NULL,
	`reviewed_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `rule_sets_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_rule_sets_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `membership_plans` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`sku` text NOT NULL,
	`price_minor` integer NOT NULL,
	`term_months` integer NOT NULL,
	`tier_id` text NOT NULL,
	`retired_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `membership_plans_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_membership_plans_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_membership_plans_brand_id_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`tier_id`) REFERENCES `tiers`(`brand_id`,`id`),
	CONSTRAINT "plan_terms" CHECK("price_minor" >= 0 and "term_months" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `standings` (
	`brand_id` text NOT NULL,
	`member_id` text NOT NULL,
	`tier_id` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer,
	`review_at` integer,
	`version` integer NOT NULL,
	CONSTRAINT `standings_pk` PRIMARY KEY(`brand_id`, `member_id`),
	CONSTRAINT `fk_standings_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_standings_brand_id_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`tier_id`) REFERENCES `tiers`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `tier_changes` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`from_tier_id` text NOT NULL,
	`to_tier_id` text NOT NULL,
	`cause` text NOT NULL,
	`decision` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `tier_changes_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_tier_changes_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_changes_brand_id_from_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`from_tier_id`) REFERENCES `tiers`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_changes_brand_id_to_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`to_tier_id`) REFERENCES `tiers`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `tier_grants` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`tier_id` text NOT NULL,
	`kind` text NOT NULL,
	`reason` text,
	`plan_id` text,
	`order_id` text,
	`starts_at` integer NOT NULL,
	`ends_at` integer,
	`ended_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `tier_grants_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_tier_grants_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_grants_brand_id_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`tier_id`) REFERENCES `tiers`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_grants_brand_id_plan_id_membership_plans_brand_id_id_fk` FOREIGN KEY (`brand_id`,`plan_id`) REFERENCES `membership_plans`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_grants_brand_id_order_id_orders_brand_id_id_fk` FOREIGN KEY (`brand_id`,`order_id`) REFERENCES `orders`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
ALTER TABLE `members` ADD `birthday_hash` text;--> statement-breakpoint
DROP INDEX IF EXISTS `transfer_reversed_once`;--> statement-breakpoint
CREATE INDEX `benefit_usages_by_member` ON `benefit_usages` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `benefit_granted_once` ON `benefit_usages` (`brand_id`,`member_id`,`benefit_id`,`period_start`) WHERE "benefit_usages"."kind" = 'GRANTED';--> statement-breakpoint
CREATE UNIQUE INDEX `order_awarded_once` ON `awards` (`brand_id`,`order_id`) WHERE "awards"."order_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `activity_awarded_once` ON `awards` (`brand_id`,`activity_id`) WHERE "awards"."activity_id" is not null;--> statement-breakpoint
CREATE INDEX `awards_by_member` ON `awards` (`brand_id`,`member_id`,`earned_at`);--> statement-breakpoint
CREATE INDEX `due_awards` ON `awards` (`spendable_at`,`brand_id`,`id`) WHERE "awards"."state" = 'PENDING';--> statement-breakpoint
CREATE INDEX `members_by_birthday` ON `members` (`brand_id`,`birthday_hash`) WHERE "members"."birthday_hash" is not null;--> statement-breakpoint
CREATE INDEX `activities_by_kind` ON `activities` (`brand_id`,`member_id`,`kind`,`occurred_at`);--> statement-breakpoint
CREATE INDEX `paid_orders_by_member` ON `orders` (`brand_id`,`member_id`,`paid_at`,`total_minor`,`refunded_minor`) WHERE "orders"."paid_at" is not null and "orders"."cancelled_at" is null;--> statement-breakpoint
CREATE INDEX `open_adjustments` ON `adjustments` (`brand_id`,`id`) WHERE "adjustments"."state" = 'PROPOSED';--> statement-breakpoint
CREATE INDEX `transfers_by_reversed` ON `transfers` (`brand_id`,`reverses_transfer_id`) WHERE "transfers"."reverses_transfer_id" is not null;--> statement-breakpoint
CREATE INDEX `rule_sets_in_force` ON `rule_sets` (`brand_id`,`kind`,`starts_at`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `plan_sku` ON `membership_plans` (`brand_id`,`sku`) WHERE "membership_plans"."retired_at" is null;--> statement-breakpoint
CREATE INDEX `due_standings` ON `standings` (`review_at`,`brand_id`,`member_id`) WHERE "standings"."review_at" is not null;--> statement-breakpoint
CREATE INDEX `tier_changes_by_member` ON `tier_changes` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `plan_bought_once` ON `tier_grants` (`brand_id`,`order_id`,`plan_id`) WHERE "tier_grants"."order_id" is not null;--> statement-breakpoint
CREATE INDEX `tier_grants_by_member` ON `tier_grants` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `due_tier_grants` ON `tier_grants` (`ends_at`,`brand_id`,`id`) WHERE "tier_grants"."ended_at" is null;