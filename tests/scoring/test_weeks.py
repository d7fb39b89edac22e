"""What a score moved in a week stands beside each day, also of a site that was there before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from scoring import weeks
from scoring.engine import ALGORITHM
from scoring.models import ScoreSnapshot
from tests.scoring.builders import TODAY, history, person, snapshot
from tests.scoring.test_pages_cost import AssertQueries
from tests.scoring.upgrades import bring_up_to_date, taken_back

DAY = timedelta(days=1)


def risen() -> list[float | None]:
    """Return what is kept of each day, oldest first."""
    return list(ScoreSnapshot.objects.order_by("day").values_list("risen", flat=True))


@pytest.mark.django_db
def test_a_week_is_told_where_both_of_its_ends_have_a_score(
    django_assert_num_queries: AssertQueries,
) -> None:
    nora = person()
    history(nora, [40.0, None, 42.0, 43.0, 44.0, 45.0, 46.0, 40.5, 41.0])

    with django_assert_num_queries(2):
        weeks.keep(user_id=nora.pk, model=ALGORITHM, first=TODAY - 8 * DAY, last=TODAY)

    assert risen() == [*[None] * 7, 0.5, None]


@pytest.mark.django_db
def test_days_of_the_past_change_the_week_after_them_and_no_other() -> None:
    nora = person()
    history(nora, [50.0, 51.0])
    weeks.keep(user_id=nora.pk, model=ALGORITHM, first=TODAY - DAY, last=TODAY)
    before = risen()

    snapshot(nora, 48.0, day=TODAY - 7 * DAY)
    weeks.keep(user_id=nora.pk, model=ALGORITHM, first=TODAY - 7 * DAY, last=TODAY - 7 * DAY)

    assert before == [None, None]
    assert risen() == [None, None, 3.0]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_site_of_before_knows_the_newest_weeks_once_it_is_brought_up_to_date() -> None:
    with taken_back("0031_moments_removed") as nodes:
        apps = MigrationExecutor(connection).loader.project_state(nodes).apps
        nora = apps.get_model("accounts", "User").objects.create(username="nora")
        shots = apps.get_model("scoring", "ScoreSnapshot").objects
        parts = ("reach", "amplification", "network")
        parts += tuple(f"{part}_score" for part in parts)
        for ago, score in ((40, 10.0), (33, 20.0), (8, 30.0), (7, None), (1, 34.5), (0, 35.0)):
            shots.create(
                user=nora, day=TODAY - ago * DAY, model=ALGORITHM, score=score,
                as_of=f"{TODAY - ago * DAY}T12:00Z", posts=1, people=1, sources_read=1, sources=1,
                **dict.fromkeys(parts, 1.0),
            )  # fmt: skip

        bring_up_to_date()

        assert risen() == [None, None, None, None, 4.5, None]
