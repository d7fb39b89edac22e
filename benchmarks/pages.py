"""Measure the score pages of a person with two years of history.

    python -m benchmarks.pages [--lines 30000] [--requests 400] [--clients 8]

Makes a person with 730 snapshots, 5,000 posts and 30,000 ledger lines, whose page shows everything
with 20 topics and +K in each, in a temporary SQLite database. Prints for each page: queries (with
session and person), CPU of the view alone and of the whole request in this process, and the time
of answers to clients on loopback by the server that `manage.py serve` starts. Goals: home and why
at most 12 queries and 10 ms in the view, the profile at most 6 ms, 95 of 100 answers to 8 clients
within 60 ms.
"""

import argparse
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

PAGES = {
    "home": "/home/",
    "why, last 7 days": "/score/why/",
    "why, last 90 days": "/score/why/?from={quarter}&to={today}",
    "why, two years": "/score/why/?from={first}&to={today}",
    "score, 90 days": "/score/",
    "score, two years": "/score/?range=all",
    "score, parts, two years": "/score/?range=all&show=parts",
    "first scoring": "/start/scoring/",
    "profile, to a member": "/@nora",
    "profile, to a stranger": "/@nora",
}
TOPICS = 20
DAYS, POSTS, REPEATS, WARM = 730, 5_000, 60, 5


def main(lines: int, requests: int, clients: int) -> None:
    """Build the person, measure every page, print the table."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    nora, today = build(lines)
    member = opened(nora)
    own, others = signed_in(nora), signed_in(member)
    first, quarter = today - timedelta(days=DAYS - 1), today - timedelta(days=90)
    paths = {
        name: path.format(today=today, first=first, quarter=quarter) for name, path in PAGES.items()
    }
    sessions = dict.fromkeys(paths, own)
    sessions |= {"profile, to a member": others, "profile, to a stranger": ""}
    rows = [(name, *in_process(path, sessions[name])) for name, path in paths.items()]
    with served() as port:
        answers = [
            under_load(port, path, cookie_of(sessions[name]), requests, clients)
            for name, path in paths.items()
        ]
    print(f"{DAYS} snapshots, {POSTS:,} posts, {lines:,} ledger lines; {clients} clients\n")
    print(
        f"{'page':24} {'queries':>7} {'view ms':>8} {'request ms':>10} {'kB':>6} "
        f"{'p50 ms':>7} {'p95 ms':>7} {'a second':>8}"
    )
    for (name, queries, view, whole, size), (p50, p95, rate) in zip(rows, answers, strict=True):
        print(
            f"{name:24} {queries:7} {view:8.1f} {whole:10.1f} {size / 1000:6.1f} "
            f"{p50:7.1f} {p95:7.1f} {rate:8.0f}"
        )


def build(lines: int) -> tuple[Any, Any]:
    """Store the person; return them and the newest day."""
    from tests.scoring import builders

    now = datetime.now(UTC)
    nora = builders.person()
    source = builders.source_of(nora, "Map Room", read_at=now, tried_at=now)
    builders.source_of(nora, "Nora Lindqvist", read_at=now, tried_at=now)
    posts = _posts(source, now)
    _snapshots(nora, now)
    _lines(nora, source, posts, lines)
    return nora, now.date()


def opened(nora: Any) -> Any:
    """Show everybody everything of the person, with topics and +K; return somebody who looks."""
    from accounts.models import Audience
    from scoring import plusk
    from scoring.engine.topics.taxonomy import taxonomy
    from scoring.models import TopicScore
    from tests.scoring import builders

    items = ("page", "score", "history", "topics", "networks", "plusk")
    builders.with_page(nora, bio="Maps of harbours", **dict.fromkeys(items, Audience.EVERYONE))
    now = datetime.now(UTC)
    known = (one for one in taxonomy().topics.values() if one.level == "field")
    slugs = [one.slug for one in known if not one.sensitive][:TOPICS]
    for number, slug in enumerate(slugs):
        TopicScore.objects.create(
            user=nora, topic=slug, as_of=now, strength=40.0 - number, share=0.05, posts=9,
            posts_needed=3, days=8, people=30, reactions=44, first_post_at=now, last_post_at=now,
            passes=True, place=1 + number, population=340,
        )  # fmt: skip
        giver = builders.with_page(builders.person(f"member{number}"))
        plusk.give(
            giver_id=giver.pk,
            receiver_id=nora.pk,
            topic=slug,
            because="Showed me the way along the river",
            public=True,
            now=now,
        )
    return builders.person("looking")


def signed_in(user: Any, backend: str = "django.contrib.auth.backends.ModelBackend") -> str:
    """Return the key of a session of somebody. backend: by which way they signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def cookie_of(session: str) -> dict[str, str]:
    """Return the header that sends the key of a session, none for a stranger."""
    return {"Cookie": f"sessionid={session}"} if session else {}


def _posts(source: Any, now: datetime) -> list[Any]:
    from scoring.models import Post

    return Post.objects.bulk_create(
        [
            Post(
                source=source,
                external_id=str(number),
                created_at=now - timedelta(days=DAYS * number / POSTS),
                excerpt=f"Post number {number} about paper maps and what is printed on them",
                url=f"https://social.example/{number}",
            )
            for number in range(POSTS)
        ],
        batch_size=1_000,
    )


def _snapshots(nora: Any, now: datetime) -> None:
    from scoring.models import ScoreSnapshot
    from tests.scoring import builders

    ScoreSnapshot.objects.bulk_create(
        [
            builders.unsaved_snapshot(
                nora,
                50 + (ago % 40) / 10,
                day=now.date() - timedelta(days=ago),
                as_of=now - timedelta(days=ago),
                reconstructed=ago > 90,
                percentile=81.0,
                population=340,
                made_of=builders.made_of("Map Room", "Nora Lindqvist", posts=8),
            )
            for ago in range(DAYS)
        ],
        batch_size=500,
    )


def _lines(nora: Any, source: Any, posts: list[Any], lines: int) -> None:
    """Store lines day by day, about posts of those days and kind by kind, and fading."""
    from scoring.models import LedgerLine, ScoreSnapshot
    from tests.scoring import builders

    shots = list(ScoreSnapshot.objects.filter(user=nora).order_by("-day"))
    kinds = ("like", "repost", "reply", "quote")
    rows = []
    for number in range(lines):
        ago, place = number * DAYS // lines, number % (lines // DAYS)
        shot = shots[ago]
        post = posts[min(POSTS - 1, ago * POSTS // DAYS + place // len(kinds))]
        faded = place == 0
        rows.append(
            LedgerLine(
                snapshot=shot,
                user=nora,
                day=shot.day,
                model=shot.model,
                reason="faded" if faded else "reactions",
                source=source,
                source_title=source.title,
                source_network=source.network,
                post=None if faded else post,
                post_title="" if faded else post.excerpt[:80],
                post_url="" if faded else post.url,
                kind="" if faded else kinds[place % len(kinds)],
                count=1 + place,
                people=1 + place,
                points_reach=-1.0 if faded else 0.02,
                points=-1.2 if faded else 0.03,
                points_amplification=-0.1 if faded else 0.005,
                points_network=-0.1 if faded else 0.005,
            )
        )
    builders.keep_sums(LedgerLine.objects.bulk_create(rows, batch_size=2_000))


def in_process(path: str, session: str) -> tuple[int, float, float, int]:
    """Return queries, CPU ms of the view, CPU ms of the whole request, and bytes of a page."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
        asked = len(queries)
    whole = cpu(lambda: client.get(path))
    view = cpu(view_of(path, response.wsgi_request.user))
    return asked, view, whole, len(response.content)


def view_of(path: str, user: Any) -> Callable[[], object]:
    """Return a call of the view alone, with its template, as the middleware would call it."""
    from django.contrib.messages.storage.fallback import FallbackStorage
    from django.test import RequestFactory
    from django.urls import resolve
    from django_htmx.middleware import HtmxDetails

    request: Any = RequestFactory(SERVER_NAME="127.0.0.1").get(path)
    request.user, request.session = user, {}
    request.htmx, request._messages = HtmxDetails(request), FallbackStorage(request)
    match = resolve(path.partition("?")[0])
    request.resolver_match = match
    return lambda: match.func(request, *match.args, **match.kwargs)


def cpu(call: Callable[[], object]) -> float:
    """Return the median CPU of a call in ms."""
    took = []
    for _ in range(REPEATS + WARM):
        start = time.process_time()
        call()
        took.append(1000 * (time.process_time() - start))
    return median(took[WARM:])


@contextmanager
def served(**more: str) -> Iterator[int]:
    """Run the site's server on a free port of loopback, with `more` in its environment."""
    from kloutsite.management.commands.serve import parts

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    web = next(part for part in parts(port=port, workers=2, listen=None) if part.name == "web")
    server = subprocess.Popen(web.argv, env=os.environ | web.env | more)
    try:
        until = time.monotonic() + 60
        while not _answers(port):
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit("The server does not answer.")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()  # nothing may go on working beside what is measured next
            server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def under_load(
    port: int, path: str, headers: dict[str, str], requests: int, clients: int
) -> tuple[float, float, float]:
    """Return p50 and p95 in ms, and answers a second, of clients that ask without a pause."""
    took: list[float] = []
    each = requests // clients

    def ask(count: int, kept: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(count):
            start = time.perf_counter()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            kept.append(1000 * (time.perf_counter() - start))
            if response.status != 200:
                raise SystemExit(f"{path} answered {response.status}")
        connection.close()

    for kept in ([], took):  # the first round warms templates and connections
        count = each if kept is took else WARM
        threads = [threading.Thread(target=ask, args=(count, kept)) for _ in range(clients)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
    if len(took) != each * clients:
        raise SystemExit(f"{path}: {each * clients - len(took)} answers are missing")
    return median(took), quantiles(took, n=20)[-1], len(took) / seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=30_000)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KLOUTSITE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "kloutsite.settings"
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

        import django

        django.setup()
        main(chosen.lines, chosen.requests, chosen.clients)
