-- Who made a version of the policy, and that a version stays as it was made: referrals name the one that made them.

ALTER TABLE policies
    -- The token (no foreign key, as in events) and its role. NULL: it came with the program, or was written past it.
    ADD COLUMN created_by uuid,
    ADD COLUMN created_as text;

CREATE FUNCTION policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of the policy stays as it was made: make a new one' USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_stays';
END $$;
CREATE TRIGGER policy_stays BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION policy_stays();
