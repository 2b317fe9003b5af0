-- A mediator's capacity cannot be made anew while referrals count in it, and it is kept when somebody consented.

-- Whoever takes a row of capacity away and puts it back, or gives it to another mediator, sets what it counts to nothing (0020_counters.sql).
CREATE TRIGGER capacity_stays BEFORE DELETE ON mediator_capacities
    FOR EACH ROW WHEN (OLD.held <> 0) EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER capacity_is_of_one BEFORE UPDATE OF mediator_id ON mediator_capacities
    FOR EACH ROW WHEN (OLD.mediator_id <> NEW.mediator_id) EXECUTE FUNCTION refuse_counting();

-- Row triggers do not see TRUNCATE. Emptied together with the referrals, the counts are right: then nothing is left to count.
CREATE FUNCTION refuse_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM referrals) THEN
        RAISE EXCEPTION 'what mediators hold and were proposed is counted while there are referrals, and not forgotten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'capacity_is_counted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER capacities_stay AFTER TRUNCATE ON mediator_capacities FOR EACH STATEMENT EXECUTE FUNCTION refuse_forgetting();
CREATE TRIGGER weeks_stay AFTER TRUNCATE ON mediator_weeks FOR EACH STATEMENT EXECUTE FUNCTION refuse_forgetting();

-- When somebody consented to the use of what is written of them. NULL: nobody said so, or it was before this was kept.
ALTER TABLE people ADD COLUMN consented_at timestamptz;
ALTER TABLE applications ADD COLUMN consented_at timestamptz;
