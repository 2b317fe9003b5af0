-- Openings that broke a limit when they happened, recomputed from the events alone: no table of referrals or capacities is read.
--
-- The order of `position` is, for one mediator, the order in which the openings were let through: each holds the row lock of the mediator's
-- capacity from before its event is written until it has committed.
WITH moves AS (
    SELECT position, at, kind, date_trunc('week', at AT TIME ZONE 'Europe/Paris')::date AS week,
           coalesce(data ->> 'mediator', subject) AS mediator, subject AS referral, data
      FROM events
     WHERE kind IN ('referral.proposed', 'referral.declined', 'referral.expired', 'referral.withdrawn', 'referral.completed', 'referral.no_show',
                    'referral.cancelled', 'capacity.agreed', 'capacity.declared')
), openings AS (
    SELECT referral, week FROM moves WHERE kind = 'referral.proposed'
), steps AS (
    SELECT m.*,
           CASE WHEN kind = 'referral.proposed' THEN 1 WHEN kind LIKE 'referral.%' THEN -1 ELSE 0 END AS opened,
           -- The week that the step counts in: a proposal in its own; one that came to nothing within its own week gives that back.
           CASE WHEN kind = 'referral.proposed' THEN m.week
                WHEN kind IN ('referral.declined', 'referral.expired', 'referral.withdrawn') AND m.week = o.week THEN o.week END AS counted
      FROM moves m LEFT JOIN openings o ON o.referral = m.referral AND m.kind LIKE 'referral.%'
), held AS (
    SELECT s.*,
           sum(opened) OVER (PARTITION BY mediator ORDER BY position) AS open_after,
           sum(CASE WHEN counted IS NULL THEN 0 ELSE opened END) OVER (PARTITION BY mediator, counted ORDER BY position) AS week_after,
           max(position) FILTER (WHERE kind = 'capacity.agreed') OVER (PARTITION BY mediator ORDER BY position) AS agreed_at,
           max(position) FILTER (WHERE kind = 'capacity.declared') OVER (PARTITION BY mediator ORDER BY position) AS declared_at
      FROM steps s
), limited AS (
    -- The lower of what was agreed and what was declared last, unless that is stale by then.
    SELECT h.*, least((a.data ->> 'open')::int, (d.data ->> 'open')::int) AS open_limit,
           least((a.data ->> 'weekly')::int, (d.data ->> 'weekly')::int) AS weekly_limit, a.data IS NULL AS unset
      FROM held h
      LEFT JOIN events a ON a.position = h.agreed_at
      LEFT JOIN events d ON d.position = h.declared_at AND coalesce(to_timestamp((d.data ->> 'valid_until')::double precision) > h.at, true)
     WHERE h.kind = 'referral.proposed'
)
SELECT count(*) AS openings,
       count(*) FILTER (WHERE unset OR open_after > open_limit OR week_after > weekly_limit) AS overbooked,
       coalesce(max(open_after), 0) AS most_open, coalesce(max(week_after), 0) AS most_in_week
  FROM limited;
