"""Read i as l in the looks of handles, as 1 was: of two that now look alike each keeps its name."""

from typing import Any

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Replace

AT_ONCE = 500  # handles in a statement


def reread(apps: Any, _schema_editor: Any) -> None:
    """Give each look to one handle; the others of it keep theirs, which nobody can have any more.

    A look that is held keeps all handles that share it from everybody new. It is given to the first
    that was taken, in one way over the handles: a large site has thousands that look alike.
    """
    rows = apps.get_model("accounts", "Handle").objects
    others = rows.filter(looks__contains="l").exclude(looks__contains="i")
    held = set(others.values_list("looks", flat=True))
    old = rows.filter(looks__contains="i").order_by("taken_at", "name")
    first = []
    for name, looks in old.values_list("name", "looks"):
        look = looks.replace("i", "l")
        if look not in held:
            held.add(look)
            first.append(name)
    read = Replace("looks", Value("i"), Value("l"))
    for start in range(0, len(first), AT_ONCE):
        rows.filter(pk__in=first[start : start + AT_ONCE]).update(looks=read)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0038_what_a_case_is_about")]

    operations = [migrations.RunPython(reread, migrations.RunPython.noop)]
