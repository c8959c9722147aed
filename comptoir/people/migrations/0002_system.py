from django.db import migrations


def make_system(apps, schema_editor):
    apps.get_model("people", "Member").objects.create(
        email="system@desk.invalid", name="Comptoir", kind="system", role="administrator", password="!"
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(make_system, migrations.RunPython.noop)]
