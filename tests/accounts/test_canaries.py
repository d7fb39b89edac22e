"""No key, code or secret of a network is anywhere but in its sealed column, whatever happens.

A link is walked through its whole life, with servers that quote what they are sent; after every
step everything that people, operators and machines can see is searched for what was sent.
"""

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from celery.signals import before_task_publish
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.connectors import echoes
from accounts.connectors.base import ConnectorError
from accounts.models import Case, Grant, Source, User
from scoring import jobs, work
from scoring.models import Job
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.stages import STAGES, at_stage
from tests.accounts.ways import NAMES, Way, way_of
from tests.fault_server import Asked

pytestmark = pytest.mark.django_db

NETWORKS = [name for name in NAMES if name in FAKES]
MOST_JOBS = 60
# A server's word for this site, in allauth's own column: no person's key, and alone of no use.
IN_THE_OPEN = {("socialaccount_socialapp", "secret")}


def forms_of(secret: str) -> set[bytes]:
    """Return a secret in every dress it might hide in."""
    plain = secret.encode()
    escaped = json.dumps(secret)[1:-1].encode()
    found = {plain, escaped, quote(secret, safe="").encode(), plain.hex().encode()}
    found |= {plain.hex().upper().encode(), repr(secret)[1:-1].encode()}
    for shift in range(3):  # base64 of a longer text that it stands in
        whole = base64.b64encode(b"\0" * shift + plain)
        found.add(whole[(0, 2, 3)[shift] : len(whole) - 4])
    return {form for form in found if len(form) >= 6}


@dataclass
class Witness:
    """Sees what everybody could: pages, mails, log lines, messages to workers, rows."""

    seen: list[tuple[str, bytes]] = field(default_factory=list)

    def note(self, where: str, what: object) -> None:
        """Keep something that was seen."""
        self.seen.append((where, what if isinstance(what, bytes) else str(what).encode()))

    def look_around(self, step: str) -> None:
        """Note every cell of every table, what sessions hold, mails, and the cache."""
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [each[0] for each in cursor.description]
                for row in cursor.fetchall():
                    self._cells(f"{step}: {table}", table, columns, row)
        for session in Session.objects.all():
            self.note(f"{step}: session", session.get_decoded())
        for letter in mail.outbox:
            self.note(f"{step}: mail", letter.message().as_string())
        self.note(f"{step}: cache", getattr(cache, "_cache", ""))

    def _cells(self, where: str, table: str, columns: list[str], row: tuple[Any, ...]) -> None:
        for column, cell in zip(columns, row, strict=True):
            if isinstance(cell, memoryview):
                cell = bytes(cell)
            if isinstance(cell, str | bytes | dict | list) and (table, column) not in IN_THE_OPEN:
                self.note(f"{where}.{column}", cell)

    def told(self, secrets: set[str]) -> list[str]:
        """Return where a secret was seen, in any dress."""
        dresses = {secret: forms_of(secret) for secret in secrets}
        return sorted(
            {
                f"{where}: {secret}"
                for where, what in self.seen
                for secret, forms in dresses.items()
                if any(form in what for form in forms)
            }
        )


class Lines(logging.Handler):
    """Notes every line of every logger with its arguments and its traceback."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(logging.DEBUG)
        self.witness = witness
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Note one line."""
        self.witness.note("log", f"{self.format(record)} {record.args}")


@pytest.fixture
def witness(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    """Somebody who watches the logs and the broker for as long as the test lasts."""
    made = Witness()
    handler, root = Lines(made), logging.getLogger()
    level = root.level

    def published(body: object = None, headers: object = None, **_rest: object) -> None:
        made.note("queue", f"{body} {headers}")

    settings.BROKER_URL = "something://else"  # what rings; Celery itself keeps its broker in memory
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    before_task_publish.connect(published, weak=False)
    yield made
    before_task_publish.disconnect(published)
    root.removeHandler(handler)
    root.setLevel(level)


class Watched(Client):
    """A browser whose every answer is noted."""

    witness: Witness

    def request(self, **asked: Any) -> Any:
        """Send a request and note the answer, its headers, and what messages wait."""
        answer = super().request(**asked)
        self.witness.note("page", answer.content if not answer.streaming else b"")
        self.witness.note("headers", dict(answer.headers))
        return answer


def watched(user: User, witness: Witness) -> Watched:
    """Return a browser of somebody who is signed in."""
    client = Watched(raise_request_exception=False)
    client.witness = witness
    client.cookies = signed_in(user).cookies
    return client


def secrets_of(requests: list[Asked]) -> set[str]:
    """Return every key and code that the network was sent."""
    found: set[str] = set()
    for asked in requests:
        headers = {"Authorization": asked.headers.get("authorization", "")}
        found |= echoes.secrets_of(asked.address, headers, asked.form, _json(asked))
    return found


def _json(asked: Asked) -> object:
    try:
        return json.loads(asked.body)
    except ValueError:
        return None


def keys_held() -> set[str]:
    """Return what the sealed columns hold, opened."""
    found: set[str] = set()
    for grant in Grant.objects.all():
        access = grant.access()
        found |= {access.token, access.refresh}
        found |= {json.loads(access.key)["d"]} if access.key else set()
    found |= {source.target_token() for source in Source.objects.exclude(sealed_token="")}
    return {word for word in found if len(word) >= 6}


def work_off() -> None:
    """Do what is due."""
    for _ in range(MOST_JOBS):
        if not jobs.run_next(clock=timezone.now, handlers=work.HANDLERS):
            return
    raise AssertionError("work without end")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as held:
        yield held


@contextmanager
def broken(way: Way, kind: str) -> Iterator[None]:
    """Put a fault in the way of everything the network is asked."""
    assert way.server is not None
    way.server.faults = dict.fromkeys(way.server.routes, kind)
    yield
    way.server.faults = {}


@pytest.mark.one_engine
@pytest.mark.parametrize("network", NETWORKS)
def test_the_whole_life_of_a_link_shows_no_key(
    network: str,
    settings: Any,
    stack: ExitStack,
    witness: Witness,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    way = way_of(network, settings, stack)
    ada = person()
    client = watched(ada, witness)
    held: set[str] = set()

    def step(name: str, *, run: Callable[[], object]) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            run()
            work_off()
        held.update(keys_held())
        witness.look_around(name)

    step("link", run=lambda: way.walk(client))
    row = Source.objects.filter(selectable=True).first()
    assert row is not None
    assert row.grant_id is not None
    chosen = reverse("choose", args=[row.grant_id])
    step("choose", run=lambda: (client.get(chosen), client.post(chosen, {"source": row.pk})))
    step("look", run=lambda: look(client, row))
    Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    step("renew", run=lambda: press(client, "link_read", row))
    for kind in ("/echo-refused", "/echo", "/echo-of-sorts", "/echo-forbidden"):
        with broken(way, kind):
            Source.objects.update(tried_at=None, retry_at=None)
            step(f"read against {kind}", run=lambda: press(client, "link_read", row))
            step(f"check against {kind}", run=lambda: press(client, "link_check", row))
            step(f"look at {kind}", run=lambda: look(client, row))
            Grant.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
            step(f"link against {kind}", run=lambda: relink(client, way))
    text = {"text": "It says connected there."}
    step("ask", run=lambda: client.post(reverse("case_ask", args=[row.pk]), text))
    step("read the case", run=lambda: client.get(reverse("case", args=[Case.objects.get().pk])))
    step("look once more", run=lambda: (look(client, row), client.get(reverse("links"))))
    step("unlink", run=lambda: client.post(reverse("link_unlink", args=[row.pk]), {}))

    sent = secrets_of(way.server.requests if way.server else []) | held
    assert witness.told(sent) == []
    assert len(held) >= 1
    assert held & secrets_of(way.server.requests if way.server else [])
    assert not Source.objects.filter(pk=row.pk, grant__isnull=False).exists()
    kinds = set(Job.objects.values_list("kind", flat=True))
    assert {Job.Kind.COLLECT, Job.Kind.CHECK, Job.Kind.REVOKE} <= kinds


def press(client: Client, name: str, row: Source) -> None:
    client.post(reverse(name, args=[row.pk]))


def look(client: Client, row: Source) -> None:
    """Open every page about the link."""
    for name in ("link", "link_check", "link_unlink", "case_ask"):
        client.get(reverse(name, args=[row.pk]))
    client.get(reverse("link_check", args=[row.pk]), headers={"HX-Request": "true"})
    for name in ("links", "home", "cases", "settings"):
        client.get(reverse(name))


def relink(client: Client, way: Way) -> None:
    """Try to connect again, as far as a broken network lets one."""
    answer = client.post(way.start, way.form)
    if answer.status_code == 302 and "state=" in answer.headers["Location"]:
        client.get(way.consent(answer.headers["Location"]))
    client.get(reverse("links"))


@pytest.mark.one_engine
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.usefixtures("insecure")
def test_no_traceback_of_a_failure_quotes_a_key(
    network: str, settings: Any, stack: ExitStack
) -> None:
    witness = Witness()
    with fake_of(network)() as fake:
        held = secrets_at(fake)
        for stage in STAGES:
            for path in fake.stages[stage]:
                for kind in ("/echo", "/echo-of-sorts", "/malformed", "/reset", "/no-items"):
                    fake.server.faults = {path: kind}
                    try:
                        at_stage(stage, fake)
                    except ConnectorError as error:
                        witness.note(stage, "".join(traceback.format_exception(error)))
        held |= secrets_of(fake.server.requests)

    assert len(witness.seen) >= 3
    assert witness.told(held) == []


def secrets_at(fake: Fake) -> set[str]:
    """Return what the fake's own access holds."""
    access = fake.access()
    return {word for word in (access.token, access.refresh, fake.config().client_secret) if word}


def test_control_a_key_would_be_seen_in_every_dress() -> None:
    secret = "canary/of+some-length"
    dressed = {
        "plain": f"the token {secret} is bad",
        "base64": base64.b64encode(f"x {secret} y".encode()).decode(),
        "hex": secret.encode().hex(),
        "json": json.dumps({"a": secret}),
        "address": quote(secret, safe=""),
    }
    witness = Witness()
    for where, text in dressed.items():
        witness.note(where, text)

    told = {line.partition(":")[0] for line in witness.told({secret})}

    assert told == set(dressed)


def test_control_a_key_in_a_row_in_a_session_or_in_a_mail_would_be_seen(witness: Witness) -> None:
    ada = person()
    User.objects.filter(pk=ada.pk).update(display_name="canary-one")
    browser = signed_in(ada)
    session = browser.session
    session["kept"] = "canary-two"
    session.save()
    mail.send_mail("s", "canary-three", "a@example.org", ["b@example.org"])
    logging.getLogger("some.where").debug("with %s", "canary-four")

    witness.look_around("now")

    secrets = {"canary-one", "canary-two", "canary-three", "canary-four"}
    assert {line.rpartition(": ")[2] for line in witness.told(secrets)} == secrets
