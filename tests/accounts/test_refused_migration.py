"""An address that was noted as refused before there were rows for several stays so."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import RefusedAddress
from tests.scoring.upgrades import bring_up_to_date

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = [("accounts", "0036_one_token_a_form")]
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_refused_address_is_carried_over_and_who_had_none_has_none() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps = executor.loader.project_state(BEFORE).apps
    nora, ada = (
        apps.get_model("accounts", "User").objects.create(username=name) for name in ("nora", "ada")
    )
    mailings = apps.get_model("accounts", "Mailing").objects
    mailings.create(user=nora, refused="n@example.org", refused_at=AT, refused_words="550 No")
    mailings.create(user=ada)

    bring_up_to_date()

    rows = RefusedAddress.objects.values_list("user__username", "address", "at", "words")
    assert list(rows) == [("nora", "n@example.org", AT, "550 No")]
