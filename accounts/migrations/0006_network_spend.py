from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_renewable_grants"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="deep_read_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="NetworkSpend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network", models.CharField(max_length=30)),
                ("day", models.DateField()),
                ("used", models.BigIntegerField(default=0)),
                ("held", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("network", "day"), name="spend_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("held__gte", 0), ("used__gte", 0)),
                        name="spend_is_never_negative",
                    ),
                ],
            },
        ),
    ]
