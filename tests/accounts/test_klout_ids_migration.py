"""People who had a profile before get an id for programs written for Klout, each their own."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Profile
from tests.scoring.upgrades import bring_up_to_date

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BEFORE = [("accounts", "0016_given_facts")]


def test_each_profile_of_before_gets_an_id_of_its_own() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps = executor.loader.project_state(BEFORE).apps
    for name in ("nora", "eve", "ada"):
        user = apps.get_model("accounts", "User").objects.create(username=name)
        apps.get_model("accounts", "Profile").objects.create(user=user)

    bring_up_to_date()

    ids = Profile.objects.values_list("klout_id", flat=True)
    assert len(set(ids)) == 3
    assert all(len(one) == 18 and one.isdigit() for one in ids)
