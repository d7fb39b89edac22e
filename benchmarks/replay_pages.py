"""Replay 90 days of public pages through ingest and engine, and ask what the next 30 days said.

    python -m benchmarks.replay_pages [--data ../shared/data/fb_pages_2016]

Every page becomes a person with one source in a temporary SQLite database (or in a test database
beside the one of DATABASE_URL). Its posts go through scoring.ingest and scoring.evidence like any
others. The data is not part of this repository; without it this says so and measures nothing.

Counts were read once, at the end, so each belongs to the day of its post: the score at day 90 knows
no later post, but it does know late reactions to posts from before (nine in ten reactions come
within 14 hours).
"""

import argparse
import csv
import gzip
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ["KLOUTSITE_DATA"] = tempfile.mkdtemp(prefix="kloutsite-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")

import django

django.setup()

import numpy as np
from django.test.utils import setup_databases, teardown_databases

from accounts.connectors.base import Kind, Post, Reading
from accounts.models import Source, User
from benchmarks._ranking import Floats, bootstrap, held_out, spearman
from scoring import engine, evidence, pipeline
from scoring.engine import Evidence, Params, Scores
from scoring.ingest import ingest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "fb_pages_2016"
EASTERN = timedelta(hours=5)  # the file's times are UTC-5 all year
START = datetime(2016, 2, 24, tzinfo=UTC) + EASTERN
DAY_90 = START + timedelta(days=90)
DAY_120 = START + timedelta(days=120)
READ_AT = datetime(2016, 6, 26, tzinfo=UTC)  # after the counts were read
FEW = 5  # posts: a page that wrote less in either period says nothing about the next
COUNTS = {"reactions": Kind.LIKE, "comments": Kind.REPLY, "shares": Kind.REPOST}


@dataclass(frozen=True, slots=True)
class Page:
    """A public page and its posts, in the order of the file."""

    name: str
    posts: list[Post]

    def between(self, start: datetime, end: datetime) -> Floats:
        """Return (posts, 4): age in days at `end`, reactions, comments and shares."""
        rows = [
            (
                (end - post.created_at) / timedelta(days=1),
                *(float(post.counts[kind] or 0) for kind in COUNTS.values()),
            )
            for post in self.posts
            if start <= post.created_at < end
        ]
        return np.array(rows, np.float64).reshape(len(rows), 4)


@dataclass(slots=True)
class Stages:
    """Wall seconds of each stage, with how many things it handled."""

    lines: list[tuple[str, float, int, str]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[list[tuple[int, str]]]:
        """Time a block; the block appends (how many, of what)."""
        handled: list[tuple[int, str]] = []
        start = time.perf_counter()
        yield handled
        self.lines.append((name, time.perf_counter() - start, *handled[0]))

    def show(self) -> None:
        """Print the table."""
        print(f"{'stage':<34} {'seconds':>9} {'handled':>20} {'a second':>12}")
        for name, seconds, number, what in self.lines:
            handled = f"{number:,} {what}"
            print(f"{name:<34} {seconds:>9.3f} {handled:>20} {number / seconds:>12,.0f}")


def read(path: Path) -> list[Page]:
    """Return the pages of the file, by name."""
    posts: dict[str, list[Post]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            published = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
            posts[row["page"]].append(
                Post(
                    external_id=row["post_id"],
                    created_at=published + EASTERN,
                    text=row["text"] or row["link_title"],
                    counts={
                        kind: int(row[column]) if row[column] else None
                        for column, kind in COUNTS.items()
                    },
                )
            )
    return [Page(name, posts[name]) for name in sorted(posts)]


def take_in(page: Page) -> Source:
    """Write a page's posts as those of a new person's only source."""
    user = User.objects.create_user(page.name)
    source = Source.objects.create(
        user=user,
        network="facebook",
        external_id=page.name,
        kind="page",
        title=page.name,
        selected=True,
        read_at=READ_AT,
        complete_since=START,
    )
    ingest(source=source, reading=Reading(since=START, posts=tuple(page.posts)), now=READ_AT)
    return source


def rescored(sources: list[Source]) -> list[float]:
    """Return the seconds that each page's own rescore takes, reading and writing included."""
    taken = []
    for source in sources:
        start = time.perf_counter()
        pipeline.score_day(user_id=source.user_id, now=DAY_90)
        taken.append(time.perf_counter() - start)
    return taken


def show_pages(pages: list[Page], scores: Scores, ends: tuple[Floats, Floats]) -> None:
    """Print all pages, highest score first."""
    low, high = ends
    heads = ("reach", "ampl.", "netw.", "posts")
    print(f"{'page':<28} {'score':>6} {'range':>11}", *(f"{head:>6}" for head in heads))
    for i in np.argsort(-scores.score, kind="stable").tolist():
        if not scores.enough[i]:
            print(f"{pages[i].name[:28]:<28} not enough to count: {scores.posts[i]} posts")
            continue
        print(
            f"{pages[i].name[:28]:<28} {scores.score[i]:>6.1f} {low[i]:>5.1f}–{high[i]:<5.1f}"
            f" {scores.reach_score[i]:>6.1f} {scores.amplification_score[i]:>6.1f}"
            f" {scores.network_score[i]:>6.1f} {scores.posts[i]:>6}"
        )


def show_spread(scores: Scores) -> None:
    """Print the percentiles of score and sub-scores over the pages with enough to count."""
    shares = (5, 25, 50, 75, 95)
    print(f"{'percentile':<16}", *(f"{share:>6}" for share in shares))
    for name in ("score", "reach_score", "amplification_score", "network_score"):
        values = np.percentile(getattr(scores, name)[scores.enough], shares)
        print(f"{name:<16}", *(f"{value:>6.1f}" for value in values.tolist()))


def baselines(tables: list[Floats]) -> dict[str, Floats]:
    """Return what a simpler site might rank by, from the same 90 days."""

    def each(worth: Floats) -> Floats:
        return np.array([np.sum(table[:, 1:] @ worth) for table in tables])

    half = [np.exp2(-table[:, 0] / Params().half_life_days) for table in tables]
    ones = np.ones(3)
    return {
        "decayed sum (half-life 30 d)": np.array(
            [h @ (table[:, 1:] @ ones) for h, table in zip(half, tables, strict=True)]
        ),
        "plain sum": each(ones),
        "plain sum, 3 a comment, 4 a share": each(np.array([0.0, 3.0, 4.0])),
        "number of posts": np.array([float(len(table)) for table in tables]),
    }


def ablations(held: Evidence) -> dict[str, Floats]:
    """Return the score with one part of the model changed."""
    params = Params()
    at_us = evidence.microseconds(DAY_90)
    changed = {
        "score, half-life 7 d": replace(params, half_life_days=7.0),
        "score, half-life 14 d": replace(params, half_life_days=14.0),
        "score, half-life 365 d (straight fall)": replace(params, half_life_days=365.0),
        "score, all acts worth 1": replace(params, effort=(1.0,) * len(params.effort)),
        "score, weights .60 .15 .25": replace(params, weight_reach=0.60, weight_amplification=0.15),
        "score, weights .25 .50 .25": replace(params, weight_reach=0.25, weight_amplification=0.50),
    }
    return {name: engine.evaluate(held, one, at_us).score for name, one in changed.items()}


def show_hold_out(pages: list[Page], scores: Scores, held: Evidence) -> None:
    """Print how well the score at day 90 ranks the pages of the next 30 days, beside others."""
    before = [page.between(START, DAY_90) for page in pages]
    after = [page.between(DAY_90, DAY_120) for page in pages]
    told = np.array(
        [len(one) >= FEW and len(two) >= FEW for one, two in zip(before, after, strict=True)]
    )
    engaged = np.array([np.sum(table[:, 1:]) for table in after])[told]
    passed = np.array([np.sum(table[:, 1:] @ (0.0, 3.0, 4.0)) for table in after])[told]
    typical = np.array(
        [np.median(one[:, 1:].sum(axis=1)) for one, some in zip(after, told, strict=True) if some]
    )
    inputs = {
        "score": scores.score,
        "True Reach alone": scores.reach_score,
        "Amplification alone": scores.amplification_score,
        "Network Impact alone": scores.network_score,
        **baselines(before),
        **ablations(held),
    }
    inputs = {name: values[told] for name, values in inputs.items()}
    print(f"{np.sum(told)} of {len(pages)} pages wrote at least {FEW} posts in both periods.")
    print(f"{'ranked by':<40} {'engagement':>10} {'passing on':>10} {'mean':>6} {'typical':>8}")
    for name, values in inputs.items():
        first, second = spearman(values, engaged), spearman(values, passed)
        post = spearman(values, typical)
        mean = (first + second) / 2
        print(f"{name:<40} {first:>10.3f} {second:>10.3f} {mean:>6.3f} {post:>8.3f}")
    rivals = {name: inputs[name] for name in ("decayed sum (half-life 30 d)", "plain sum")}
    for name, values in rivals.items():
        low, middle, high = bootstrap(inputs["score"], values, engaged, passed)
        print(f"score − {name}, mean: {middle:+.3f} (90 % of resamples {low:+.3f} to {high:+.3f})")
    parts = np.stack((inputs["True Reach alone"], inputs["Amplification alone"]))
    weight, fitted, designed = held_out(parts, Params().weight_amplification, engaged, passed)
    print(
        f"Weight of Amplification fitted on half the pages, mean on the other half: {fitted:.3f} "
        f"(median weight {weight:.2f}); with the model's own {Params().weight_amplification}: "
        f"{designed:.3f}."
    )


def replay(folder: Path) -> None:
    """Print the pages, the hold-out and the time that each stage took."""
    stages = Stages()
    with stages.stage("read the file") as handled:
        pages = read(folder / "posts.csv.gz")
        posts = sum(len(page.posts) for page in pages)
        handled.append((posts, "posts"))
    with stages.stage("ingest") as handled:
        sources = [take_in(page) for page in pages]
        handled.append((posts, "posts"))
    people = [source.user_id for source in sources]
    at_us = evidence.microseconds(DAY_90)
    with stages.stage("evidence of all pages") as handled:
        held = evidence.of_people(people, now=DAY_90)
        rows = len(held.at) + len(held.t_at)
        handled.append((rows, "rows"))
    with stages.stage("evaluate all pages") as handled:
        scores = engine.evaluate(held, Params(), at_us)
        handled.append((rows, "rows"))
    with stages.stage("range of all pages") as handled:
        ends = engine.interval(held, Params(), at_us)
        handled.append((rows, "rows"))
    with stages.stage("own rescore, page by page") as handled:
        taken = rescored(sources)
        handled.append((len(pages), "pages"))

    print(f"Pages at day 90 ({DAY_90:%Y-%m-%d}), model {engine.ALGORITHM}\n")
    show_pages(pages, scores, ends)
    print("\nSpread\n")
    show_spread(scores)
    print("\nHold-out: rank correlation (Spearman) with the next 30 days\n")
    show_hold_out(pages, scores, held)
    print("\nTime\n")
    stages.show()
    print(
        f"Own rescore of a page, read to written: median {1000 * statistics.median(taken):.0f} ms, "
        f"slowest {1000 * max(taken):.0f} ms."
    )


def main() -> None:
    """Replay, or say that the data is not here."""
    parser = argparse.ArgumentParser(description="Replay public pages through ingest and engine.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of posts.csv.gz")
    folder = parser.parse_args().data
    if not (folder / "posts.csv.gz").exists():
        print(f"There is no posts.csv.gz in {folder}: nothing was replayed, nothing is measured.")
        print("The data is kept outside this repository; name its folder with --data.")
        return
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        replay(folder)
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
