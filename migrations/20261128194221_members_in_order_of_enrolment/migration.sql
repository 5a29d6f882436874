DROP INDEX IF EXISTS `members_by_tier`;--> statement-breakpoint
CREATE INDEX `members_in_tier` ON `members` (`brand_id`,`tier_id`,`enrolled_at`);--> statement-breakpoint
CREATE INDEX `members_from_channel` ON `members` (`brand_id`,`source_channel`,`enrolled_at`) WHERE "members"."source_channel" is not null;--> statement-breakpoint
CREATE INDEX `members_with_locale` ON `members` (`brand_id`,`locale`,`enrolled_at`) WHERE "members"."locale" is not null;--> statement-breakpoint
CREATE INDEX `members_closed` ON `members` (`brand_id`,`enrolled_at`) WHERE "members"."state" = 'CLOSED';