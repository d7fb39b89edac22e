"""Read i as l in the looks of handles, as 1 was: of two that now look alike each keeps its name."""

from typing import Any

from django.db import migrations
from django.db.models import Count, Value
from django.db.models.functions import Replace

READ = Replace("looks", Value("i"), Value("l"))


def reread(apps: Any, _schema_editor: Any) -> None:
    """Give each look to one handle; the others of it keep theirs, which nobody can have any more.

    A look that is held keeps all handles that share it from everybody new.
    """
    rows = apps.get_model("accounts", "Handle").objects
    read = rows.annotate(reads=READ)
    groups = read.values("reads").annotate(count=Count("pk")).filter(count__gt=1)
    shared = [group["reads"] for group in groups]
    rows.filter(
        pk__in=read.filter(looks__contains="i").exclude(reads__in=shared).values("pk")
    ).update(looks=READ)
    for look in shared:
        if not rows.filter(looks=look).exists():
            first = read.filter(reads=look).order_by("taken_at", "name").first()
            rows.filter(pk=first.pk).update(looks=look)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0038_what_a_case_is_about")]

    operations = [migrations.RunPython(reread, migrations.RunPython.noop)]
