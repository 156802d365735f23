-- What became of each clock, so that of those due in a period can be counted how many were met in time.

SET LOCAL lock_timeout = '5s';

ALTER TABLE case_limit ADD COLUMN outcome text CHECK (outcome IN ('met', 'breached', 'ended', 'handed_over'));

-- Clocks that were over before this: from the limits that the cases carry.
UPDATE case_limit SET outcome = CASE
    WHEN told.role <> 'holder' THEN 'handed_over'
    WHEN told.met_at IS NULL THEN 'ended'
    WHEN told.met_at <= case_limit.due_at THEN 'met'
    ELSE 'breached' END
FROM (
    SELECT (one ->> 'id')::uuid AS limit_id, (one ->> 'met_at')::timestamptz AS met_at, role
    FROM case_file, jsonb_array_elements(limits) one
) told
WHERE told.limit_id = case_limit.limit_id AND case_limit.ended;

UPDATE case_limit SET outcome = 'ended' WHERE ended AND outcome IS NULL;

ALTER TABLE case_limit ADD CONSTRAINT ended_has_outcome CHECK (ended = (outcome IS NOT NULL));

-- Clocks are stored about in the order in which they are due, and what is asked for is a week of them.
CREATE INDEX case_limit_due ON case_limit USING brin (due_at) WITH (pages_per_range = 16);
