"""Give each refused address a row of its own: a person may have several."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def carry_over(apps: Any, _schema_editor: Any) -> None:
    """Keep the one address that was noted beside a person's choice of mails."""
    noted = apps.get_model("accounts", "Mailing").objects.exclude(refused="")
    refused = apps.get_model("accounts", "RefusedAddress")
    rows = noted.exclude(refused_at=None).values_list(
        "user_id", "refused", "refused_at", "refused_words"
    )
    refused.objects.bulk_create(
        (
            refused(user_id=user_id, address=address, at=at, words=words)
            for user_id, address, at, words in rows.iterator()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0036_one_token_a_form")]

    operations = [
        migrations.CreateModel(
            name="RefusedAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(max_length=254)),
                ("at", models.DateTimeField()),
                ("words", models.CharField(blank=True, max_length=200)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "refused address",
                "verbose_name_plural": "refused addresses",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "address"), name="one_refusal_an_address"
                    )
                ],
            },
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(model_name="mailing", name="refused"),
        migrations.RemoveField(model_name="mailing", name="refused_at"),
        migrations.RemoveField(model_name="mailing", name="refused_words"),
    ]
