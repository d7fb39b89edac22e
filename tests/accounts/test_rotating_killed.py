"""Ten thousand keys are changed, killed ten times at it, while workers read and renew."""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as site
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import access, rotating
from accounts.models import Grant, Source
from tests.accounts.builders import person
from tests.accounts.fakes.github import FakeGitHub
from tests.accounts.walks import switch_on
from tests.fault_server import Asked, reply
from tests.processes import environment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

GRANTS, PAGES = 9_500, 500  # together ten thousand sealed tokens, and as many to renew them
WORKERS, KILLS = 8, 10
DIES_AFTER = 400  # rows: workers renew only half of the grants, so that enough are left each time
OLD, NEW = "a:" + "old-key-" * 6, "b:" + "new-key-" * 6
TOKEN = "/login/oauth/access_token"


class ManyPeople(FakeGitHub):
    """A network that takes each refresh token once: a key that is lost here stays lost."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = dict.fromkeys(range(GRANTS), 0)  # person -> how often they were renewed
        self.replayed: list[str] = []
        self._lock = threading.Lock()
        self.server.routes[TOKEN] = self._renew

    def _renew(self, asked: Asked) -> bytes:
        shown = asked.form["refresh_token"]
        number = int(shown.split("-")[1])
        with self._lock:
            if shown != refresh_of(number, self.turn[number]):
                self.replayed.append(shown)
                return reply({"error": "bad_refresh_token"})
            self.turn[number] += 1
            turn = self.turn[number]
        given = {"access_token": token_of(number, turn), "refresh_token": refresh_of(number, turn)}
        return reply(given | {"expires_in": 28_800})


def token_of(number: int, turn: int) -> str:
    return f"token-{number}-{turn}"


def refresh_of(number: int, turn: int) -> str:
    return f"refresh-{number}-{turn}"


@pytest.fixture
def network(settings: Any) -> Iterator[ManyPeople]:
    """The network, switched on at this site."""
    with ManyPeople() as fake:
        switch_on(settings, fake)
        yield fake


def ten_thousand(settings: Any) -> None:
    """Keep so many grants sealed with the old key, every second one due, and so many page keys."""
    settings.TOKEN_KEYS = [OLD]
    ada, now = person(), timezone.now()
    SocialAccount.objects.bulk_create(
        SocialAccount(user=ada, provider="github", uid=str(number)) for number in range(GRANTS)
    )
    grants = []
    for account in SocialAccount.objects.order_by("pk"):
        number = int(account.uid)
        ends = now - timedelta(minutes=1) if number % 2 else now + timedelta(days=1)
        grant = Grant(account=account, issued_at=now, expires_at=ends)
        grant.seal(token=token_of(number, 0), refresh=refresh_of(number, 0), key=f"key-{number}")
        grants.append(grant)
    Grant.objects.bulk_create(grants, 500)
    pages = [
        Source(user=ada, grant=grant, network="github", external_id=f"p{number}", kind="page")
        for number, grant in enumerate(grants[:PAGES])
    ]
    kept = Source.objects.bulk_create(pages, 500)
    for page in kept:
        page.seal_target_token(f"page-{page.external_id}")
    Source.objects.bulk_update(kept, ["sealed_token"], 500)
    settings.TOKEN_KEYS = [NEW, OLD]


class Workers:
    """Threads that open grants at random, and so renew those that are due, until told to stop."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.asked = [0] * WORKERS
        self.grants = list(Grant.objects.select_related("account").order_by("pk"))

    def work(self, which: int) -> None:
        """Ask and ask. Raises whatever goes wrong, which nothing may."""
        dice = random.Random(which)
        try:
            while not self.over.wait(0.005):
                grant = dice.choice(self.grants)
                used = access.ask(grant, lambda good: good.token, now=timezone.now())
                assert used.startswith(f"token-{grant.account.uid}-"), used
                self.asked[which] += 1
        finally:
            connection.close()


def kill_a_change_of_keys(after: int) -> int:
    """Run a change of keys that is killed after so many rows; return how it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.accounts.killed_rotation", str(after)],
        cwd=site.BASE_DIR,
        env=environment(TOKEN_KEYS=f"{NEW},{OLD}", DJANGO_SETTINGS_MODULE="kloutsite.settings"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "cannot be opened" not in done.stdout
    return done.returncode


def test_nothing_is_lost_when_ten_thousand_keys_change_under_load(
    network: ManyPeople, settings: Any
) -> None:
    ten_thousand(settings)
    workers = Workers()

    with ThreadPoolExecutor(WORKERS) as pool:
        busy = [pool.submit(workers.work, which) for which in range(WORKERS)]
        try:
            ends = [kill_a_change_of_keys(after=DIES_AFTER) for _ in range(KILLS)]
            under_way = rotating.left()
            call_command("rotate_keys", stdout=StringIO())
        finally:
            workers.over.set()
        troubles = [each.exception(300) for each in busy]
    call_command("rotate_keys", stdout=StringIO())

    settings.TOKEN_KEYS = [NEW]
    assert ends == [-signal.SIGKILL] * KILLS
    assert 0 < under_way < GRANTS + PAGES
    assert troubles == [None] * WORKERS
    assert min(workers.asked) > 0
    assert network.replayed == []
    assert sum(network.turn.values()) > 0
    assert rotating.left() == 0
    assert not lost(network)


def lost(network: ManyPeople) -> list[str]:
    """Return whose keys are not the newest that the network gave, opened with the new key alone."""
    found = []
    for grant in Grant.objects.select_related("account"):
        number, held = int(grant.account.uid), grant.access()
        turn = network.turn[number]
        wanted = (token_of(number, turn), refresh_of(number, turn), f"key-{number}")
        if (held.token, held.refresh, held.key) != wanted:
            found.append(f"{number}: {held.token}, {held.refresh}, {held.key}")
    pages = {page.external_id: page.target_token() for page in Source.objects.all()}
    return found + [name for name, key in pages.items() if key != f"page-{name}"]
