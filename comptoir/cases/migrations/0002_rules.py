from django.db import migrations

IMMUTABLE = """
CREATE FUNCTION cases_sent_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'sent' AND (NEW.text, NEW.html, NEW.subject, NEW.message_id, NEW.sender_address)
        IS DISTINCT FROM (OLD.text, OLD.html, OLD.subject, OLD.message_id, OLD.sender_address) THEN
        RAISE EXCEPTION 'a sent message never changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_sent_is_fixed BEFORE UPDATE ON cases_message
    FOR EACH ROW WHEN (OLD.direction = 'out') EXECUTE FUNCTION cases_sent_is_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE case_number START 30001", "DROP SEQUENCE case_number"),
        migrations.RunSQL("ALTER TABLE cases_presence SET UNLOGGED", "ALTER TABLE cases_presence SET LOGGED"),
        migrations.RunSQL(
            IMMUTABLE,
            "DROP TRIGGER cases_sent_is_fixed ON cases_message; DROP FUNCTION cases_sent_is_fixed();",
        ),
    ]
