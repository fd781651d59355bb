CREATE VIEW mart.dim_queue AS
SELECT
    queue_id,
    queue_name,
    channel,
    line_of_business,
    line_of_business_name,
    site,
    site_name,
    time_zone,
    is_deferred,
    service_goal
FROM queue;

COMMENT ON VIEW mart.dim_queue IS 'Dimension: the queues, with channel, line of business and site. One row: one queue.';
