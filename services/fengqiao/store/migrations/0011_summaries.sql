-- Facts of old months are replaced by their sums: what is left of them is which cases were counted, and to how much they came.

SET LOCAL lock_timeout = '5s';

-- The sums of the facts that are gone; with those of the facts that are there they make `tally`, which an audit compares.
CREATE TABLE fact_summary (LIKE tally INCLUDING ALL);

-- The cases whose facts are gone: one that is told again after years must not be counted a second time.
CREATE TABLE fact_summarised (
    case_id uuid PRIMARY KEY
);

-- Takes away the partitions of the months before a day that have become empty; gives how many. Whoever reads facts waits
-- meanwhile, so it is not begun for nothing and gives up soon.
CREATE FUNCTION drop_empty_fact_months(before date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    name text;
    filled boolean;
    dropped integer := 0;
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'fact'::regclass AND c.relname < 'fact_' || to_char(before, 'YYYYMM') ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        CONTINUE WHEN filled;
        -- The whole before its part, as everybody else does; then nobody can have put a fact into it since the look.
        LOCK TABLE fact IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF NOT filled THEN
            EXECUTE format('DROP TABLE %I', name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$;
