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
CREATE INDEX `activities_by_member` ON `activities` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `orders_by_member` ON `orders` (`brand_id`,`member_id`,`id`);--> statement-breakpoint
CREATE INDEX `refunds_by_order` ON `refunds` (`brand_id`,`order_id`,`id`);