from django.db import migrations

# Reservations may not grow beyond stock and planned supply. Supply that is lost later does not undo what was promised:
# the self-check reports it.
GUARD = """
CREATE FUNCTION catalog_refuse_overreserved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held numeric; there numeric;
BEGIN
    SELECT coalesce(sum(quantity), 0) INTO held FROM catalog_reservation WHERE stock_id = NEW.stock_id;
    SELECT on_hand INTO there FROM catalog_stock WHERE id = NEW.stock_id;
    there := there + (SELECT coalesce(sum(quantity), 0) FROM catalog_supply WHERE stock_id = NEW.stock_id);
    IF held > there THEN
        RAISE EXCEPTION 'stock % has % and is asked for %', NEW.stock_id, there, held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_within_stock';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reservation_within_stock_new AFTER INSERT ON catalog_reservation
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_overreserved();
CREATE TRIGGER reservation_within_stock_more AFTER UPDATE OF quantity, stock_id ON catalog_reservation
    FOR EACH ROW WHEN (NEW.quantity > OLD.quantity OR NEW.stock_id <> OLD.stock_id)
    EXECUTE FUNCTION catalog_refuse_overreserved();
"""
UNGUARD = """
DROP TRIGGER reservation_within_stock_more ON catalog_reservation;
DROP TRIGGER reservation_within_stock_new ON catalog_reservation;
DROP FUNCTION catalog_refuse_overreserved();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
