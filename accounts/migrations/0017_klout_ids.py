import secrets

import django.db.models.functions.text
from django.db import migrations, models

import accounts.models.profiles


def give_ids(apps, schema_editor):
    profiles = apps.get_model("accounts", "Profile").objects
    for profile in profiles.only("pk").iterator():
        profile.klout_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        profile.save(update_fields=["klout_id"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_given_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="klout_id",
            field=models.CharField(default="", editable=False, max_length=20),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="profile",
            name="klout_id",
            field=models.CharField(
                default=accounts.models.profiles._klout_id,
                editable=False,
                max_length=20,
                unique=True,
            ),
        ),
        migrations.AddIndex(
            model_name="source",
            index=models.Index(
                django.db.models.functions.text.Lower("url"),
                condition=models.Q(("network", "x")),
                name="source_x_name",
            ),
        ),
    ]
