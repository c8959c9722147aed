from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE customer_number START 10001", "DROP SEQUENCE customer_number"),
    ]
