from django.db import migrations, models

# What is set aside is summed once a statement and stock row, not once a row: an order of forty lines asks forty times less.
GUARD = """
DROP TRIGGER reservation_within_stock_more ON catalog_reservation;
DROP TRIGGER reservation_within_stock_new ON catalog_reservation;
DROP FUNCTION catalog_refuse_overreserved();
CREATE FUNCTION catalog_refuse_overreserved_of(stocks bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE over record;
BEGIN
    SELECT stock.id, held.total AS held, stock.on_hand + coming.total AS there INTO over
    FROM catalog_stock stock,
        LATERAL (SELECT coalesce(sum(quantity), 0) AS total FROM catalog_reservation WHERE stock_id = stock.id) held,
        LATERAL (SELECT coalesce(sum(quantity), 0) AS total FROM catalog_supply WHERE stock_id = stock.id) coming
    WHERE stock.id = ANY(stocks) AND held.total > stock.on_hand + coming.total
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'stock % has % and is asked for %', over.id, over.there, over.held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_within_stock';
    END IF;
END $$;
CREATE FUNCTION catalog_refuse_overreserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse_overreserved_of(ARRAY(SELECT DISTINCT stock_id FROM added));
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_refuse_more_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse_overreserved_of(ARRAY(
        SELECT DISTINCT added.stock_id FROM added JOIN gone ON gone.id = added.id
        WHERE added.quantity > gone.quantity OR added.stock_id <> gone.stock_id));
    RETURN NULL;
END $$;
CREATE TRIGGER reservation_within_stock_new AFTER INSERT ON catalog_reservation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_overreserved();
CREATE TRIGGER reservation_within_stock_more AFTER UPDATE ON catalog_reservation
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_more_reserved();
"""
BEFORE = """
DROP TRIGGER reservation_within_stock_more ON catalog_reservation;
DROP TRIGGER reservation_within_stock_new ON catalog_reservation;
DROP FUNCTION catalog_refuse_more_reserved();
DROP FUNCTION catalog_refuse_overreserved();
DROP FUNCTION catalog_refuse_overreserved_of(bigint[]);
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


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_agreements_units_and_links")]

    operations = [
        migrations.RunSQL(GUARD, BEFORE),
        migrations.RemoveIndex(model_name="reservation", name="reservation_needed"),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["stock", "needed_on"], include=["quantity"], name="reservation_needed"),
        ),
    ]
