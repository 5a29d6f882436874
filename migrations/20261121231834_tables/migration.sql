CREATE TABLE `alliance_brands` (
	`alliance_id` text NOT NULL,
	`brand_id` text NOT NULL,
	`state` text NOT NULL,
	`tier_levels` text NOT NULL,
	`invited_at` integer NOT NULL,
	`joined_at` integer,
	CONSTRAINT `alliance_brands_pk` PRIMARY KEY(`alliance_id`, `brand_id`),
	CONSTRAINT `fk_alliance_brands_alliance_id_alliances_id_fk` FOREIGN KEY (`alliance_id`) REFERENCES `alliances`(`id`),
	CONSTRAINT `fk_alliance_brands_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `alliances` (
	`id` text PRIMARY KEY,
	`brand_id` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `fk_alliances_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `joint_campaign_partners` (
	`brand_id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`partner_brand_id` text NOT NULL,
	`quota` integer NOT NULL,
	`issued_count` integer DEFAULT 0 NOT NULL,
	`approved_at` integer,
	CONSTRAINT `joint_campaign_partners_pk` PRIMARY KEY(`brand_id`, `campaign_id`, `partner_brand_id`),
	CONSTRAINT `fk_joint_campaign_partners_brand_id_campaign_id_joint_campaigns_brand_id_id_fk` FOREIGN KEY (`brand_id`,`campaign_id`) REFERENCES `joint_campaigns`(`brand_id`,`id`),
	CONSTRAINT `fk_joint_campaign_partners_partner_brand_id_brands_id_fk` FOREIGN KEY (`partner_brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT "partner_quota" CHECK("issued_count" between 0 and "quota")
) STRICT;
--> statement-breakpoint
CREATE TABLE `joint_campaigns` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`alliance_id` text NOT NULL,
	`offer_id` text NOT NULL,
	`name` text NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	CONSTRAINT `joint_campaigns_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_joint_campaigns_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT `fk_joint_campaigns_alliance_id_brand_id_alliance_brands_alliance_id_brand_id_fk` FOREIGN KEY (`alliance_id`,`brand_id`) REFERENCES `alliance_brands`(`alliance_id`,`brand_id`),
	CONSTRAINT "joint_campaign_dates" CHECK("starts_at" < "ends_at")
) STRICT;
--> statement-breakpoint
CREATE TABLE `joint_memberships` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`alliance_id` text NOT NULL,
	`partner_brand_id` text NOT NULL,
	`partner_member_id` text NOT NULL,
	`categories` text NOT NULL,
	`purposes` text NOT NULL,
	`linked_at` integer NOT NULL,
	`consent_given_at` integer NOT NULL,
	`consent_expires_at` integer NOT NULL,
	`consent_withdrawn_at` integer,
	`ended_at` integer,
	CONSTRAINT `joint_memberships_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_joint_memberships_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_joint_memberships_partner_brand_id_partner_member_id_members_brand_id_id_fk` FOREIGN KEY (`partner_brand_id`,`partner_member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_joint_memberships_alliance_id_brand_id_alliance_brands_alliance_id_brand_id_fk` FOREIGN KEY (`alliance_id`,`brand_id`) REFERENCES `alliance_brands`(`alliance_id`,`brand_id`),
	CONSTRAINT `fk_joint_memberships_alliance_id_partner_brand_id_alliance_brands_alliance_id_brand_id_fk` FOREIGN KEY (`alliance_id`,`partner_brand_id`) REFERENCES `alliance_brands`(`alliance_id`,`brand_id`),
	CONSTRAINT "joint_membership_brands" CHECK("brand_id" <> "partner_brand_id")
) STRICT;
--> statement-breakpoint
CREATE TABLE `link_codes` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`alliance_id` text NOT NULL,
	`code_hash` text NOT NULL,
	`consent` text NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	CONSTRAINT `link_codes_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_link_codes_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_link_codes_alliance_id_brand_id_alliance_brands_alliance_id_brand_id_fk` FOREIGN KEY (`alliance_id`,`brand_id`) REFERENCES `alliance_brands`(`alliance_id`,`brand_id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `benefit_uses` (
	`brand_id` text NOT NULL,
	`member_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	`period_start` integer NOT NULL,
	`used` integer NOT NULL,
	`quota` integer NOT NULL,
	CONSTRAINT `benefit_uses_pk` PRIMARY KEY(`brand_id`, `member_id`, `benefit_id`, `period_start`),
	CONSTRAINT `fk_benefit_uses_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_benefit_uses_brand_id_benefit_id_benefits_brand_id_id_fk` FOREIGN KEY (`brand_id`,`benefit_id`) REFERENCES `benefits`(`brand_id`,`id`),
	CONSTRAINT "benefit_quota_holds" CHECK("used" between 0 and "quota")
) STRICT;
--> statement-breakpoint
CREATE TABLE `benefits` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`terms` text NOT NULL,
	`quota` integer,
	`quota_period` text,
	`starts_at` integer,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT `benefits_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_benefits_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT "benefit_quota" CHECK(("quota" is null) = ("quota_period" is null) and "quota" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `brands` (
	`id` text PRIMARY KEY,
	`slug` text NOT NULL UNIQUE,
	`name` text NOT NULL,
	`description` text,
	`locale` text NOT NULL,
	`time_zone` text NOT NULL,
	`currency` text NOT NULL,
	`points_name` text NOT NULL,
	`points_policy` text,
	`wrapped_data_key` text NOT NULL,
	`program_version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `card_scans` (
	`brand_id` text NOT NULL,
	`payload_id` text NOT NULL,
	`member_id` text NOT NULL,
	`scanned_at` integer NOT NULL,
	`scanned_by` text NOT NULL,
	CONSTRAINT `card_scans_pk` PRIMARY KEY(`brand_id`, `payload_id`),
	CONSTRAINT `fk_card_scans_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `clients` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL CONSTRAINT `client_id` UNIQUE,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`secrets` text NOT NULL,
	`public_keys` text,
	`identity_provider` text,
	`alliance_id` text,
	`joint_campaign_ids` text,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	CONSTRAINT `clients_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_clients_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `audit` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`caller` text NOT NULL,
	`operation` text NOT NULL,
	`subject_id` text NOT NULL,
	`detail` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `audit_pk` PRIMARY KEY(`brand_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `guard` (
	`must_hold` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`brand_id` text NOT NULL,
	`caller` text NOT NULL,
	`operation` text NOT NULL,
	`key` text NOT NULL,
	`input_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `idempotency_pk` PRIMARY KEY(`brand_id`, `caller`, `operation`, `key`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `outbox` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`delivered_at` integer,
	CONSTRAINT `outbox_pk` PRIMARY KEY(`brand_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `coupons` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`offer_id` text NOT NULL,
	`member_id` text,
	`code` text NOT NULL,
	`state` text NOT NULL,
	`issued_at` integer NOT NULL,
	`claimed_at` integer,
	`starts_at` integer,
	`expires_at` integer,
	`joint_campaign_id` text,
	`issued_by_brand_id` text NOT NULL,
	CONSTRAINT `coupons_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_coupons_issued_by_brand_id_brands_id_fk` FOREIGN KEY (`issued_by_brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_coupons_brand_id_offer_id_offers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`offer_id`) REFERENCES `offers`(`brand_id`,`id`),
	CONSTRAINT `fk_coupons_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_coupons_brand_id_joint_campaign_id_joint_campaigns_brand_id_id_fk` FOREIGN KEY (`brand_id`,`joint_campaign_id`) REFERENCES `joint_campaigns`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `offers` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`title` text NOT NULL,
	`description` text,
	`state` text NOT NULL,
	`terms` text NOT NULL,
	`issue_limit` integer,
	`per_member_limit` integer,
	`issued_count` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `offers_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_offers_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT "offer_issue_limit" CHECK("issued_count" >= 0 and "issued_count" <= "issue_limit")
) STRICT;
--> statement-breakpoint
CREATE TABLE `redemptions` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`coupon_id` text NOT NULL,
	`member_id` text,
	`order_reference` text NOT NULL,
	`order_amount_minor` integer NOT NULL,
	`discount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`redeemed_at` integer NOT NULL,
	`redeemed_by` text NOT NULL,
	`rolled_back_at` integer,
	`rollback_reason` text,
	CONSTRAINT `redemptions_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_redemptions_brand_id_coupon_id_coupons_brand_id_id_fk` FOREIGN KEY (`brand_id`,`coupon_id`) REFERENCES `coupons`(`brand_id`,`id`),
	CONSTRAINT `fk_redemptions_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT "redemption_discount" CHECK("discount_minor" between 0 and "order_amount_minor")
) STRICT;
--> statement-breakpoint
CREATE TABLE `members` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`external_id` text NOT NULL,
	`state` text NOT NULL,
	`card_number` text NOT NULL,
	`tier_id` text NOT NULL,
	`tier_since` integer NOT NULL,
	`locale` text,
	`source_channel` text,
	`consents` text NOT NULL,
	`profile` text NOT NULL,
	`phone_hash` text,
	`email_hash` text,
	`enrolled_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`closed_at` integer,
	CONSTRAINT `members_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_members_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_members_brand_id_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`tier_id`) REFERENCES `tiers`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `activities` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text,
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`detail` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `activities_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_activities_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `activity_recorded_once` UNIQUE(`brand_id`,`source`,`external_id`),
	CONSTRAINT "activity_name" CHECK(("kind" = 'CUSTOM') = ("name" is not null))
) STRICT;
--> statement-breakpoint
CREATE TABLE `orders` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`member_id` text,
	`state` text NOT NULL,
	`currency` text NOT NULL,
	`placed_at` integer NOT NULL,
	`paid_at` integer,
	`completed_at` integer,
	`cancelled_at` integer,
	`total_minor` integer NOT NULL,
	`shipping_minor` integer NOT NULL,
	`discount_minor` integer NOT NULL,
	`points_spent` integer NOT NULL,
	`channel` text,
	`store` text,
	`lines` text NOT NULL,
	`coupon_codes` text NOT NULL,
	`refunded_minor` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT `orders_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_orders_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_orders_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `order_recorded_once` UNIQUE(`brand_id`,`source`,`external_id`),
	CONSTRAINT "order_total" CHECK("total_minor" between 0 and 9007199254740991),
	CONSTRAINT "order_parts" CHECK("shipping_minor" >= 0 and "discount_minor" >= 0 and "points_spent" >= 0),
	CONSTRAINT "order_refunded" CHECK("refunded_minor" between 0 and "total_minor"),
	CONSTRAINT "order_moments" CHECK(("completed_at" is null or "paid_at" is not null) and ("completed_at" is null or "cancelled_at" is null))
) STRICT;
--> statement-breakpoint
CREATE TABLE `refunds` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`order_id` text NOT NULL,
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`lines` text NOT NULL,
	`shipping_minor` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`refunded_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `refunds_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_refunds_brand_id_order_id_orders_brand_id_id_fk` FOREIGN KEY (`brand_id`,`order_id`) REFERENCES `orders`(`brand_id`,`id`),
	CONSTRAINT `refund_recorded_once` UNIQUE(`brand_id`,`source`,`external_id`),
	CONSTRAINT "refund_amount" CHECK("shipping_minor" >= 0 and "amount_minor" >= "shipping_minor")
) STRICT;
--> statement-breakpoint
CREATE TABLE `accounts` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`unit` text NOT NULL,
	`kind` text NOT NULL,
	`member_id` text,
	`balance` integer DEFAULT 0 NOT NULL,
	CONSTRAINT `accounts_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_accounts_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_accounts_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT "account_kind" CHECK(("member_id" is null) = ("kind" in ('ISSUANCE', 'REDEMPTION', 'BREAKAGE'))),
	CONSTRAINT "account_balance" CHECK(("member_id" is null or "balance" >= 0) and abs("balance") < 9007199254740992)
) STRICT;
--> statement-breakpoint
CREATE TABLE `holds` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`transfer_id` text NOT NULL,
	`amount` integer NOT NULL,
	`worth_minor` integer NOT NULL,
	`order_reference` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`settled_at` integer,
	CONSTRAINT `holds_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_holds_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_holds_brand_id_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT "hold_amount" CHECK("amount" > 0 and "worth_minor" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `lot_uses` (
	`brand_id` text NOT NULL,
	`transfer_id` text NOT NULL,
	`lot_id` text NOT NULL,
	`amount` integer NOT NULL,
	CONSTRAINT `lot_uses_pk` PRIMARY KEY(`brand_id`, `transfer_id`, `lot_id`),
	CONSTRAINT `fk_lot_uses_brand_id_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT `fk_lot_uses_brand_id_lot_id_lots_brand_id_id_fk` FOREIGN KEY (`brand_id`,`lot_id`) REFERENCES `lots`(`brand_id`,`id`),
	CONSTRAINT "lot_use_amount" CHECK("amount" > 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `lots` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`transfer_id` text NOT NULL,
	`amount` integer NOT NULL,
	`remaining` integer NOT NULL,
	`spendable_at` integer NOT NULL,
	`expires_at` integer,
	`issued_by_brand_id` text NOT NULL,
	`funded_by_brand_id` text NOT NULL,
	`cost_micro_minor` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `lots_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_lots_issued_by_brand_id_brands_id_fk` FOREIGN KEY (`issued_by_brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_lots_funded_by_brand_id_brands_id_fk` FOREIGN KEY (`funded_by_brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `fk_lots_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_lots_brand_id_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT "lot_remaining" CHECK("amount" > 0 and "remaining" between 0 and "amount"),
	CONSTRAINT "lot_cost" CHECK("cost_micro_minor" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `transfers` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`member_id` text NOT NULL,
	`debit_account_id` text NOT NULL,
	`credit_account_id` text NOT NULL,
	`amount` integer NOT NULL,
	`cause` text NOT NULL,
	`reverses_transfer_id` text,
	`created_at` integer NOT NULL,
	CONSTRAINT `transfers_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_transfers_brand_id_debit_account_id_accounts_brand_id_id_fk` FOREIGN KEY (`brand_id`,`debit_account_id`) REFERENCES `accounts`(`brand_id`,`id`),
	CONSTRAINT `fk_transfers_brand_id_credit_account_id_accounts_brand_id_id_fk` FOREIGN KEY (`brand_id`,`credit_account_id`) REFERENCES `accounts`(`brand_id`,`id`),
	CONSTRAINT `fk_transfers_brand_id_member_id_members_brand_id_id_fk` FOREIGN KEY (`brand_id`,`member_id`) REFERENCES `members`(`brand_id`,`id`),
	CONSTRAINT `fk_transfers_brand_id_reverses_transfer_id_transfers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`reverses_transfer_id`) REFERENCES `transfers`(`brand_id`,`id`),
	CONSTRAINT "transfer_amount" CHECK("amount" between 1 and 9007199254740991),
	CONSTRAINT "transfer_accounts" CHECK("debit_account_id" <> "credit_account_id")
) STRICT;
--> statement-breakpoint
CREATE TABLE `tier_benefits` (
	`brand_id` text NOT NULL,
	`tier_id` text NOT NULL,
	`benefit_id` text NOT NULL,
	CONSTRAINT `tier_benefits_pk` PRIMARY KEY(`brand_id`, `tier_id`, `benefit_id`),
	CONSTRAINT `fk_tier_benefits_brand_id_tier_id_tiers_brand_id_id_fk` FOREIGN KEY (`brand_id`,`tier_id`) REFERENCES `tiers`(`brand_id`,`id`),
	CONSTRAINT `fk_tier_benefits_brand_id_benefit_id_benefits_brand_id_id_fk` FOREIGN KEY (`brand_id`,`benefit_id`) REFERENCES `benefits`(`brand_id`,`id`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `tiers` (
	`brand_id` text NOT NULL,
	`id` text NOT NULL,
	`rank` integer NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`color` text NOT NULL,
	`requirement` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT `tiers_pk` PRIMARY KEY(`brand_id`, `id`),
	CONSTRAINT `fk_tiers_brand_id_brands_id_fk` FOREIGN KEY (`brand_id`) REFERENCES `brands`(`id`),
	CONSTRAINT `tier_rank` UNIQUE(`brand_id`,`rank`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `alliances_by_brand` ON `alliance_brands` (`brand_id`);--> statement-breakpoint
CREATE INDEX `joint_campaigns_by_partner` ON `joint_campaign_partners` (`partner_brand_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `joint_campaign_id` ON `joint_campaigns` (`id`);--> statement-breakpoint
CREATE INDEX `joint_campaigns_by_alliance` ON `joint_campaigns` (`alliance_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `joint_membership_once` ON `joint_memberships` (`brand_id`,`member_id`,`alliance_id`,`partner_brand_id`) WHERE "joint_memberships"."ended_at" is null;--> statement-breakpoint
CREATE INDEX `joint_memberships_by_partner` ON `joint_memberships` (`partner_brand_id`,`alliance_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `link_code` ON `link_codes` (`code_hash`);--> statement-breakpoint
CREATE INDEX `card_scans_by_member` ON `card_scans` (`brand_id`,`member_id`);--> statement-breakpoint
CREATE INDEX `clients_by_revocation` ON `clients` (`revoked_at`);--> statement-breakpoint
CREATE INDEX `audit_by_subject` ON `audit` (`brand_id`,`subject_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `coupon_code` ON `coupons` (`brand_id`,`code`);--> statement-breakpoint
CREATE INDEX `coupons_by_member` ON `coupons` (`brand_id`,`member_id`,`state`,`expires_at`);--> statement-breakpoint
CREATE INDEX `coupons_by_offer` ON `coupons` (`brand_id`,`offer_id`,`member_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `coupon_redeemed_once` ON `redemptions` (`brand_id`,`coupon_id`) WHERE "redemptions"."rolled_back_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX `member_external_id` ON `members` (`brand_id`,`external_id`) WHERE "members"."state" = 'ACTIVE';--> statement-breakpoint
CREATE UNIQUE INDEX `member_card_number` ON `members` (`brand_id`,`card_number`);--> statement-breakpoint
CREATE UNIQUE INDEX `member_phone` ON `members` (`brand_id`,`phone_hash`) WHERE "members"."state" = 'ACTIVE';--> statement-breakpoint
CREATE UNIQUE INDEX `member_email` ON `members` (`brand_id`,`email_hash`) WHERE "members"."state" = 'ACTIVE';--> statement-breakpoint
CREATE INDEX `members_by_enrolment` ON `members` (`brand_id`,`enrolled_at`);--> statement-breakpoint
CREATE INDEX `members_by_tier` ON `members` (`brand_id`,`tier_id`);--> statement-breakpoint
CREATE INDEX `activities_by_member` ON `activities` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `orders_by_member` ON `orders` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `refunds_by_order` ON `refunds` (`brand_id`,`order_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `member_account` ON `accounts` (`brand_id`,`member_id`,`unit`,`kind`) WHERE "accounts"."member_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `brand_account` ON `accounts` (`brand_id`,`unit`,`kind`) WHERE "accounts"."member_id" is null;--> statement-breakpoint
CREATE INDEX `open_holds_by_member` ON `holds` (`brand_id`,`member_id`) WHERE "holds"."state" = 'OPEN';--> statement-breakpoint
CREATE INDEX `open_holds_by_expiry` ON `holds` (`expires_at`,`brand_id`,`id`) WHERE "holds"."state" = 'OPEN';--> statement-breakpoint
CREATE INDEX `lot_uses_by_lot` ON `lot_uses` (`brand_id`,`lot_id`);--> statement-breakpoint
CREATE INDEX `live_lots_by_member` ON `lots` (`brand_id`,`member_id`,`expires_at`) WHERE "lots"."remaining" > 0;--> statement-breakpoint
CREATE INDEX `live_lots_by_expiry` ON `lots` (`expires_at`,`brand_id`,`id`) WHERE "lots"."remaining" > 0;--> statement-breakpoint
CREATE UNIQUE INDEX `transfer_reversed_once` ON `transfers` (`brand_id`,`reverses_transfer_id`) WHERE "transfers"."reverses_transfer_id" is not null;--> statement-breakpoint
CREATE INDEX `transfers_by_member` ON `transfers` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `transfers_by_debit` ON `transfers` (`brand_id`,`debit_account_id`);--> statement-breakpoint
CREATE INDEX `transfers_by_credit` ON `transfers` (`brand_id`,`credit_account_id`);--> statement-breakpoint
CREATE INDEX `tier_benefits_by_benefit` ON `tier_benefits` (`brand_id`,`benefit_id`);