"""Handles from before i was read as l stay, and keep whoever is new from what looks like them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts import handles
from accounts.models import Handle, User
from tests.scoring.builders import NOW, person
from tests.scoring.upgrades import bring_up_to_date

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = [("accounts", "0038_what_a_case_is_about")]
# Each with its look as it was: two that look alike by now, three, and one by itself.
LOOKS = {
    "priya_b": "priyab", "pr1ya_b": "prlyab", "pila": "pila", "plia": "plia", "piia": "piia",
    "nina": "nina",
}  # fmt: skip


def test_two_that_look_alike_by_now_stay_and_nobody_new_comes_beside_them() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps = executor.loader.project_state(BEFORE).apps
    for days, (name, looks) in enumerate(LOOKS.items()):
        user = apps.get_model("accounts", "User").objects.create(username=name)
        user.handles.create(name=name, looks=looks, taken_at=NOW + timedelta(days=days))

    bring_up_to_date()

    later = NOW + timedelta(days=90)
    looks = dict(Handle.objects.values_list("name", "looks"))
    assert looks == LOOKS | {"pila": "plla", "nina": "nlna"}
    for text in ("prlya_b", "priyab", "p1la", "plla", "n1na"):
        with pytest.raises(handles.HandleError, match="looks like it"):
            handles.take(person(f"new-{text}"), text, now=later)
    priya = User.objects.get(username="priya_b")
    handles.take(priya, "sharma", now=later)
    handles.take(priya, "priya_b", now=later + handles.CHANGES)
    assert handles.current(priya) == "priya_b"
