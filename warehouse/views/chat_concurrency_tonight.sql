CREATE VIEW chat_concurrency_tonight AS
SELECT
    t.plan_date,
    t.version,
    t.queue_id,
    q.queue_name,
    q.channel,
    t.chats,
    t.concurrency,
    t.concurrency_low,
    t.concurrency_high,
    t.mean_concurrency,
    t.slowdown_per_extra_chat,
    t.slowdown_per_extra_chat_low,
    t.slowdown_per_extra_chat_high,
    t.used_concurrency,
    t.used_slowdown_per_extra_chat,
    t.source
FROM plan_version AS v
JOIN chat_concurrency AS t ON t.plan_date = v.plan_date AND t.version = v.version
JOIN queue AS q ON q.queue_id = t.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW chat_concurrency_tonight IS 'How many chats people hold at once and how much that slows them down, by history and in the plan in force.';
