"""Keep what a case is about by names for programs, to be said in the reader's language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0037_refused_addresses")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="about",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
