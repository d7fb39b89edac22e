"""How long one person's rescore takes, reading and writing included.

Run: python -m benchmarks.rescore   (or `make bench`). Uses a temporary SQLite database, or the
PostgreSQL of DATABASE_URL in a test database of its own. Goal: 3,000 evidence rows under 150 ms.
"""

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta

os.environ["KLOUTSITE_DATA"] = tempfile.mkdtemp(prefix="kloutsite-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")

import django

django.setup()

import numpy as np
from django.test.utils import setup_databases, teardown_databases

from accounts.connectors.base import Interaction, Kind, Post, Reading
from accounts.models import Source, User
from scoring import engine, evidence, pipeline, topics
from scoring.engine.topics.taxonomy import taxonomy
from scoring.ingest import ingest
from scoring.models import Post as StoredPost
from scoring.models import PostTopic

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ROUNDS = 7


def person(rows: int) -> Source:
    """Return a source with `rows` dated reactions by some hundreds of people in 90 days."""
    dice = np.random.default_rng(rows)
    user = User.objects.create_user(f"person{rows}")
    source = Source.objects.create(
        user=user, network="csv", external_id=str(rows), title="posts", kind="archive",
        selected=True, read_at=NOW, complete_since=NOW - 400 * DAY,
    )  # fmt: skip
    posts = max(5, rows // 30)
    made = [
        Post(
            external_id=f"p{n}",
            created_at=NOW - float(dice.uniform(0, 90)) * DAY,
            counts={Kind.LIKE: int(dice.lognormal(3, 1.5))},
        )
        for n in range(posts)
    ]
    acts = []
    for n in range(rows):
        post = made[int(dice.integers(posts))]
        gap = (NOW - post.created_at) * float(dice.beta(0.3, 3))
        acts.append(
            Interaction(
                actor_id=f"a{int(dice.integers(rows // 3))}",
                kind=list(Kind)[int(dice.integers(4))],
                at=post.created_at + gap,
                post_id=post.external_id,
                external_id=f"x{n}",
                actor_followers=int(dice.lognormal(5, 2)),
            )
        )
    ingest(
        source=source,
        reading=Reading(since=NOW - 180 * DAY, posts=tuple(made), interactions=tuple(acts)),
        now=NOW,
    )
    _about(source, dice)
    return source


def _about(source: Source, dice: np.random.Generator) -> None:
    """Give each post two of forty topics."""
    known = [slug for slug, topic in taxonomy().topics.items() if topic.level == "topic"]
    usual = dice.choice(known, 40, replace=False)
    PostTopic.objects.bulk_create(
        PostTopic(post_id=post, topic=str(slug), share=0.4, because="word")
        for post in StoredPost.objects.filter(source=source).values_list("pk", flat=True)
        for slug in dice.choice(usual, 2, replace=False)
    )


def milliseconds(work: object) -> float:
    """Return the median wall time of calling `work`, in ms."""
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def _row(user: int) -> str:
    held, old = (evidence.of_person(user, now=at) for at in (NOW, NOW - DAY))
    at, before = evidence.microseconds(NOW), evidence.microseconds(NOW - DAY)
    read = milliseconds(lambda: evidence.of_person(user, now=NOW))
    computed = milliseconds(lambda: engine.evaluate(held, pipeline.PARAMS, at))
    explained = milliseconds(lambda: engine.explain(old, before, held, at, pipeline.PARAMS))
    whole = milliseconds(lambda: pipeline.score_day(user_id=user, now=NOW))
    about = milliseconds(lambda: topics.rescore(user))
    rows = len(held.at) + len(held.t_at)
    engine_part = f"{read:13.1f} |{computed:10.2f} |{explained:10.1f}"
    return f"{rows:13,} |{engine_part} |{whole:17.1f} |{about:10.1f}"


def main() -> None:
    """Print the table."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print("evidence rows | read rows ms | engine ms | ledger ms | whole rescore ms | topics ms")
        for rows in (300, 3_000, 30_000):
            source = person(rows)
            user = source.user_id
            pipeline.score_day(user_id=user, now=NOW - DAY)
            print(_row(user))
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
