from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0001_initial")]

    operations = [migrations.RunSQL("CREATE SEQUENCE shipment_number START 40001", "DROP SEQUENCE shipment_number")]
