"""Every fault in the way of every network, at every stage, ends in words or in a sound result."""

import gc
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import diagnosis, health
from accounts.connectors import connector_for
from accounts.connectors.base import NEEDS_PERSON, Code, ConnectorError
from accounts.connectors.deadlines import within
from accounts.models import Source
from accounts.views.facts import facts_of
from scoring import jobs, work
from tests import certificates
from tests.accounts.builders import person, signed_in, source
from tests.accounts.fakes import FAKES, each, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.stages import STAGES, at_stage, check, check_refusal
from tests.accounts.walks import switch_on
from tests.accounts.ways import Way, way_of
from tests.fault_server import FAULTS
from tests.spoilt_answers import SPOILS

# Kinds that take until the deadline, or megabytes.
SLOW = ("/slow-headers", "/slow-body", "/silence", "/tiny-chunks", "/endless-body",
        "/endless-headers", "/gzip-bomb")  # fmt: skip
QUICK = tuple(kind for kind in (*FAULTS, *SPOILS) if kind not in SLOW)
DEADLINE = 0.5  # seconds for a whole stage
MOST_CALLS = 120  # of one stage, whatever the network says about further pages
PATIENCE = 5  # tries: a busy machine holds up one of them, a missing deadline all


@dataclass(frozen=True)
class Case:
    """One kind of fault at one path that a network is asked at one stage."""

    stage: str
    path: str
    kind: str


@dataclass(frozen=True)
class Refusal:
    """What a case was told, where it was a refusal."""

    code: Code
    words: str
    raw: str


def cases(fake: Fake, kinds: Iterable[str], *, everywhere: bool) -> Iterator[Case]:
    """Yield each kind at each stage: at each of its paths, or at one of them in turn."""
    for stage in STAGES:
        paths = fake.stages[stage]
        for number, kind in enumerate(kinds if paths else ()):
            for path in paths if everywhere else [paths[number % len(paths)]]:
                yield Case(stage, path, kind)


def secrets_of(fake: Fake) -> list[str]:
    """Return every key that a refusal might have quoted."""
    access, config = fake.access(), fake.config()
    held = [access.token, access.refresh, access.key, access.target_token, access.client_secret]
    return [word for word in (*held, config.client_secret, fake.code) if word]


def tried(fake: Fake, case: Case) -> Refusal | None:
    """Walk into a fault; return the refusal it ended in, None for a result, which is sound."""
    fake.server.requests.clear()
    fake.server.faults = {case.path: case.kind}
    secrets = secrets_of(fake)
    try:
        given = at_stage(case.stage, fake)
    except ConnectorError as error:
        assert len(fake.server.requests) <= MOST_CALLS, len(fake.server.requests)
        check_refusal(error, secrets)
        return Refusal(error.code, str(error), error.raw)
    finally:
        fake.server.faults = {}
    assert len(fake.server.requests) <= MOST_CALLS, len(fake.server.requests)
    check(given, timezone.now())
    return None


def all_tried(fake: Fake, listed: Iterable[Case]) -> tuple[set[Refusal], list[str]]:
    """Walk into all of them; return the refusals, and what should not have happened."""
    refusals, wrong = set(), []
    for case in listed:
        try:
            refusal = tried(fake, case)
        except Exception as error:  # noqa: BLE001 (all cases are reported at once)
            wrong.append(f"{case}: {error!r}")
        else:
            refusals |= {refusal} if refusal else set()
    return refusals, wrong + unhealed(fake)


def unhealed(fake: Fake) -> list[str]:
    """Return what is still wrong when no fault is in the way any more."""
    wrong = []
    for stage in STAGES:
        try:
            check(at_stage(stage, fake) if fake.stages[stage] else [], timezone.now())
        except ConnectorError as error:
            wrong.append(f"{stage} after all faults: {error}")
    return wrong


def at_home(fake: Fake) -> Source:
    """Return a link of somebody here to the fake's target, as far as health is concerned."""
    return source(person(), network=fake.network, external_id=fake.target_id, title="Nora")


def refused(row: Source, refusal: Refusal, *, at: datetime) -> Source:
    """Write that the link was refused so often that it is believed, and return it as it stands."""
    error = ConnectorError(refusal.code, refusal.words, raw=refusal.raw)
    Source.objects.filter(pk=row.pk).update(code=Code.OK, failures=0, words="", retry_at=None)
    for wait in (timedelta(0), health.SURE_AFTER):
        health.reading_failed(source_id=row.pk, error=error, started_at=at + wait, now=at + wait)
    row.refresh_from_db()
    return row


def test_there_are_sixty_kinds_of_faults_and_more() -> None:
    assert len(FAULTS) + len(SPOILS) >= 60
    assert not set(FAULTS) & set(SPOILS)
    assert set(SLOW) <= set(FAULTS)


def test_every_network_says_where_faults_can_be_put() -> None:
    for network in FAKES:
        stages = fake_of(network).stages
        assert set(stages) == set(STAGES), network
        assert stages["link"], network
        assert stages["read"], network


@pytest.mark.parametrize("network", FAKES)
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.usefixtures("insecure")
def test_without_a_fault_every_stage_passes_and_asks_where_faults_are_put(
    network: str, stage: str
) -> None:
    with fake_of(network)() as fake:
        if not fake.stages[stage]:
            pytest.skip("this network renews nothing")

        given = at_stage(stage, fake)

        asked = {request.path for request in fake.server.requests}
    check(given, timezone.now())
    assert set(fake.stages[stage]) <= asked


@pytest.mark.django_db
@pytest.mark.parametrize("network", each())
def test_every_fault_at_every_stage_ends_in_a_state_with_a_next_step(
    network: str, settings: Any
) -> None:
    with fake_of(network)() as fake:
        switch_on(settings, fake)

        raw = cases(fake, [kind for kind in FAULTS if kind not in SLOW], everywhere=False)
        refusals, wrong = all_tried(fake, [*raw, *cases(fake, SPOILS, everywhere=True)])

    row = at_home(fake)
    wrong += [f"{one}: {why}" for one in refusals for why in unsaid(refused_now(row, one))]
    assert wrong == []
    assert {Code.TRANSIENT, Code.CONTRACT, Code.RATE_LIMITED} <= {one.code for one in refusals}


def refused_now(row: Source, refusal: Refusal) -> Source:
    return refused(row, refusal, at=timezone.now() - health.SURE_AFTER)


def unsaid(row: Source) -> list[str]:
    """Return what the pages would not say about a link that was refused."""
    facts = facts_of(row, timezone.now())
    state, found = diagnosis.state_text(facts), diagnosis.diagnose(facts)
    texts = {"says": state.says, "action": state.action, "effect": state.effect}
    for one in found:
        texts |= {f"{one.code} title": one.title, "why": one.why, "what to do": one.what_to_do}
    missing = [name for name, text in texts.items() if not text or "{" in text or "None" in text]
    if not found:
        missing.append("no finding")
    if row.code in NEEDS_PERSON and not found[0].fix:
        missing.append(f"nothing to press at {facts.code}")
    if row.code == Code.OK or row.state_at(timezone.now()) == "healthy":
        missing.append("it counts as healthy")
    return missing


@pytest.mark.django_db
@pytest.mark.parametrize("network", each())
def test_what_broke_is_mended_by_the_button_that_its_page_shows(
    network: str, settings: Any
) -> None:
    with ExitStack() as stack:
        way = way_of(network, settings, stack)
        client = signed_in(person())
        row = chosen(client, way)
        work_off()
        refused(row, Refusal(Code.REVOKED, "It said no.", "401"), at=timezone.now())
        state, said = (
            row.state_at(timezone.now()),
            diagnosis.diagnose(facts_of(row, timezone.now())),
        )

        page = client.get(reverse("link", args=[row.pk])).content.decode()
        (action, fields) = button_of(page)
        answer = client.post(action, fields)
        client.get(way.consent(answer.headers["Location"]))
        work_off()

    row.refresh_from_db()
    assert state == "needs_you"
    assert said[0].title in unescape(page)
    assert (row.code, row.state_at(timezone.now())) == (Code.OK, "healthy")


def chosen(client: Client, way: Way) -> Source:
    """Link by a way in and let the first that can count do so."""
    way.walk(client)
    row = Source.objects.filter(selectable=True).order_by("pk")[0]
    assert row.grant_id is not None
    client.post(reverse("choose", args=[row.grant_id]), {"source": row.pk})
    return row


def button_of(page: str) -> tuple[str, dict[str, str]]:
    """Return where the form that connects again leads, and what it sends."""
    (form,) = [each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if "onnect" in each]
    action = re.search(r'action="([^"]+)"', form)
    assert action is not None
    sent = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    return unescape(action[1]), {name: unescape(value) for name, value in sent}


def work_off() -> None:
    """Do what is due."""
    for _ in range(60):
        if not jobs.run_next(clock=timezone.now, handlers=work.HANDLERS):
            return
    raise AssertionError("work without end")


@pytest.mark.slow
@pytest.mark.one_engine
@pytest.mark.parametrize("network", FAKES)
@pytest.mark.usefixtures("insecure")
def test_every_fault_at_every_path_ends_in_words_or_in_a_sound_result(network: str) -> None:
    with fake_of(network)() as fake:
        _, wrong = all_tried(fake, cases(fake, QUICK, everywhere=True))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.one_engine
@pytest.mark.parametrize("network", FAKES)
@pytest.mark.usefixtures("insecure")
def test_what_never_ends_ends_with_the_deadline(network: str) -> None:
    with fake_of(network)() as fake:
        late = [case for case in cases(fake, SLOW, everywhere=False) if not in_time(fake, case)]

    assert late == []


def in_time(fake: Fake, case: Case) -> bool:
    """Tell whether a stage ends within its deadline and a second, once in so many tries."""
    for _ in range(PATIENCE):
        began = time.monotonic()
        with within(DEADLINE):
            tried(fake, case)
        if time.monotonic() - began < DEADLINE + 1.0:
            return True
    return False


@pytest.mark.slow
@pytest.mark.one_engine
@pytest.mark.usefixtures("insecure")
def test_all_faults_together_leave_nothing_in_memory() -> None:
    wandering()  # what is imported, cached and pooled for good
    before = resident()

    wandering()

    assert resident() - before <= 25_000_000


def wandering() -> None:
    """Walk into every kind at every network, the large ones among them."""
    for network in FAKES:
        with fake_of(network)() as fake, within(600):
            kinds = [*QUICK, "/endless-body", "/endless-headers", "/gzip-bomb"]
            assert all_tried(fake, cases(fake, kinds, everywhere=False))[1] == []


def resident() -> int:
    """Return the bytes of memory this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.parametrize("network", FAKES)
@pytest.mark.usefixtures("insecure")
def test_a_certificate_of_nobody_ends_every_stage_before_anything_is_said(
    network: str, tmp_path: Path
) -> None:
    with fake_of(network)() as fake:
        fake.server.context = certificates.context(*certificates.certificate(tmp_path, "a.example"))
        secure = _secured(fake)

        codes = [stage_of(secure, stage) for stage in STAGES if fake.stages[stage]]

    assert set(codes) == {Code.TRANSIENT}
    assert fake.server.requests == []


def _secured(fake: Fake) -> Fake:
    """Return the fake with https in all of its addresses."""
    config, access = fake.config(), fake.access()
    addresses = tuple((name, url.replace("http://", "https://")) for name, url in config.addresses)
    made = replace(config, addresses=addresses)
    held = replace(access, server=access.server.replace("http://", "https://"))
    fake.connector = lambda: connector_for(made)  # type: ignore[method-assign]
    fake.access = lambda: held  # type: ignore[method-assign]
    return fake


def stage_of(fake: Fake, stage: str) -> Code:
    """Return the code a stage ends with."""
    with pytest.raises(ConnectorError) as refused_by:
        at_stage(stage, fake)
    check_refusal(refused_by.value, secrets_of(fake))
    return refused_by.value.code
