"""A site that has scores already gets the sums of its lines when it is brought up to date."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.scoring.sums import by_hand, kept
from tests.scoring.upgrades import Nodes, bring_up_to_date, taken_back

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def before() -> Iterator[Nodes]:
    """Take the database back to before there were sums, and bring it up to date afterwards."""
    with taken_back("0003_job_kinds") as nodes:
        yield nodes


def test_a_database_with_lines_gets_their_sums(before: Nodes) -> None:
    apps = MigrationExecutor(connection).loader.project_state(before).apps
    user = apps.get_model("accounts", "User").objects.create(username="nora")
    source = apps.get_model("accounts", "Source").objects.create(
        user=user, network="csv", external_id="1", kind="archive", title="Map Room"
    )
    post = apps.get_model("scoring", "Post").objects.create(
        source=source, external_id="1", created_at=NOON
    )
    for day in (20, 21):
        shot = apps.get_model("scoring", "ScoreSnapshot").objects.create(
            user=user, day=NOON.date().replace(day=day), model="2026.1", as_of=NOON, score=50.0,
            reach=1, amplification=1, network=1, reach_score=50, amplification_score=50,
            network_score=50, posts=9, people=9, sources_read=1, sources=1,
        )  # fmt: skip
        for points, reason, about in ((0.7, "reactions", post), (-0.4, "faded", None)):
            shot.lines.create(
                user=user, day=shot.day, model=shot.model, reason=reason, source=source,
                post=about, kind="like" if about else "", points=points,
            )  # fmt: skip

    bring_up_to_date()

    assert len(kept()) == 11  # points and lines of two days and reasons, and one post
    assert kept() == pytest.approx(by_hand())
