"""List what protects an account again where it was switched off before that was refused."""

from typing import Any

from django.db import migrations

PROTECTING = [
    "new_sign_in",
    "password_changed",
    "address_changed",
    "second_factor_changed",
    "way_in_added",
    "way_in_removed",
    "token_made",
]


def list_again(apps: Any, _schema_editor: Any) -> None:
    """Switch them on: one statement, over few rows."""
    choices = apps.get_model("accounts", "NoticeChoice").objects
    choices.filter(kind__in=PROTECTING, listed=False).update(listed=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0033_names_in_the_admin")]

    operations = [migrations.RunPython(list_again, migrations.RunPython.noop)]
