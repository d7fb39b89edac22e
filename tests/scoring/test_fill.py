"""What measurements fill a database with is as the site itself would have written it."""

from collections import Counter

import pytest
from django.db.models import Count
from django.test import Client

from benchmarks import fill
from scoring import plusk
from scoring.engine.plusk import PER_DAY
from scoring.models import PlusK, PlusKTotal, ScoreSnapshot
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
]


def test_a_filled_database_keeps_the_rules_and_shows_pages(client: Client) -> None:
    written = Counter({table: rows for table, rows, _seconds in fill.fill(200, 5_000)})

    page = client.get("/@person20").content.decode()
    a_day = PlusK.objects.values("giver", "day").annotate(number=Count("pk"))
    assert written["scoring_plusk"] == PlusK.objects.count() == 5_000
    assert max(one["number"] for one in a_day) == PER_DAY
    assert plusk.drifted() == []
    assert PlusKTotal.objects.exists()
    assert ScoreSnapshot.objects.filter(risen__gt=0).exists()
    assert "Person 20" in page
    assert "Known for" in page


def test_a_database_with_people_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLOUTSITE_DATA", "/somewhere")
    list(fill.fill(2, 2))

    with pytest.raises(SystemExit, match="There are people"):
        fill.main(2, 2)
    monkeypatch.delenv("KLOUTSITE_DATA")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit, match="Name the empty folder"):
        fill.main(2, 2)
