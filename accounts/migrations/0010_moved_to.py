from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_link_checks"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="moved_to",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
    ]
