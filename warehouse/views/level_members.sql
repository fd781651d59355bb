CREATE VIEW level_members AS
SELECT 'queue' AS level, queue_id AS member_id, queue_name AS member_name
FROM queue
UNION ALL
SELECT 'channel', channel, channel
FROM queue
GROUP BY channel
UNION ALL
SELECT 'line_of_business', line_of_business, max(line_of_business_name)
FROM queue
GROUP BY line_of_business
UNION ALL
SELECT 'site', site, max(site_name)
FROM queue
GROUP BY site
UNION ALL
SELECT 'enterprise', 'all', 'whole enterprise';

COMMENT ON VIEW level_members IS 'What people call each member of every level of the enterprise: queues, channels, lines of business, sites, the whole.';
COMMENT ON COLUMN level_members.level IS 'Level of the enterprise. Unit: text.';
COMMENT ON COLUMN level_members.member_id IS 'Which one of that level; all for the enterprise. Unit: text.';
