"""No team is booked for more visits in half a day than it makes, whoever writes the rows."""

from django.db import migrations

CAPACITY = migrations.RunSQL(
    """
    CREATE FUNCTION visit_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        most integer;
        booked integer;
    BEGIN
        SELECT capacity INTO most FROM visit_team WHERE id = NEW.team_id FOR UPDATE;  -- one booking after the other
        SELECT count(*) INTO booked FROM visit_appointment
            WHERE team_id = NEW.team_id AND day = NEW.day AND half = NEW.half AND state = 'booked' AND id <> NEW.id;
        IF booked >= most THEN
            RAISE EXCEPTION 'team % makes % visits in half a day', NEW.team_id, most
                USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_within_capacity';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER visit_within_capacity BEFORE INSERT OR UPDATE OF team_id, day, half, state ON visit_appointment
        FOR EACH ROW WHEN (NEW.state = 'booked') EXECUTE FUNCTION visit_within_capacity();
    """,
    """
    DROP TRIGGER visit_within_capacity ON visit_appointment;
    DROP FUNCTION visit_within_capacity();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("visit", "0001_initial")]

    operations = [CAPACITY]
