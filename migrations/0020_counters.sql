-- What a mediator holds and was proposed in a week is counted by the triggers of 0004 and by nobody else: whoever could set a counter could make room that
-- is not there. (A trigger that writes is within another one; a statement of somebody's is not.)

CREATE FUNCTION refuse_counting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a mediator holds is counted from its referrals, and not set'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'capacity_is_counted';
END $$;

CREATE TRIGGER capacity_made BEFORE INSERT ON mediator_capacities
    FOR EACH ROW WHEN (NEW.held <> 0 AND pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER capacity_counted BEFORE UPDATE OF held ON mediator_capacities
    FOR EACH ROW WHEN (OLD.held <> NEW.held AND pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER week_counted BEFORE INSERT OR UPDATE OR DELETE ON mediator_weeks
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_counting();
