from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_limit_is_active")]

    operations = [
        migrations.AddField(
            model_name="limituse", name="given_back_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="limituse",
            index=models.Index(fields=["subject_noun", "subject_id"], name="limit_use_subject"),
        ),
    ]
