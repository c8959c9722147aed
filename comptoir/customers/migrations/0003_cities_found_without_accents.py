from django.db import migrations, models

from comptoir.lib.text import fold


def fill(apps, schema_editor):
    address = apps.get_model("customers", "Address")
    for row in address.objects.exclude(city="").iterator():
        address.objects.filter(pk=row.pk).update(city_key=fold(row.city)[:100])


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_rules")]

    operations = [
        migrations.AddField("address", "city_key", models.CharField(max_length=100, default="")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
