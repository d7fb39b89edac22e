"""Answers shaped like the real ones with something odd in them, to every call of every network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.connectors.base import ConnectorError
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.mutations import odd
from tests.accounts.stages import STAGES, at_stage, check, check_refusal
from tests.fault_server import Asked, Route

pytestmark = pytest.mark.one_engine

# The same answers in every run: what is found once is found again.
ALWAYS_THE_SAME = examples(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@dataclass(frozen=True)
class Said:
    """A sound answer as it was recorded: its head without the length, and its body."""

    head: bytes
    body: Any

    def with_body(self, body: Any) -> bytes:
        """Return the answer with another body."""
        content = json.dumps(body).encode()
        return self.head + b"\r\nContent-Length: %d\r\n\r\n" % len(content) + content


def recorded(fake: Fake, stage: str) -> dict[str, Said]:
    """Walk through a stage without any fault; return path -> what was said there."""
    said: dict[str, bytes] = {}
    routes = dict(fake.server.routes)
    fake.server.routes.update({path: _noting(route, said) for path, route in routes.items()})
    try:
        at_stage(stage, fake)
    finally:
        fake.server.routes.clear()
        fake.server.routes.update(routes)
    return {path: _parsed(answer) for path, answer in said.items() if b"json" in answer[:200]}


def _noting(route: Route, said: dict[str, bytes]) -> Route:
    def noted(asked: Asked) -> bytes:
        said[asked.path] = route(asked)
        return said[asked.path]

    return noted


def _parsed(answer: bytes) -> Said:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return Said(b"\r\n".join(lines), json.loads(body))


def endured(fake: Fake, stage: str, answers: Mapping[str, bytes]) -> str:
    """Go through a stage with these answers in place; return what it came to, "" for a result."""
    routes = dict(fake.server.routes)
    for path, answer in answers.items():
        fake.server.routes[path] = lambda _asked, answer=answer: answer  # type: ignore[misc]
    access = fake.access()
    try:
        given = at_stage(stage, fake)
    except ConnectorError as error:
        check_refusal(error, [word for word in (access.token, access.refresh, access.key) if word])
        return error.code.value
    finally:
        fake.server.routes.clear()
        fake.server.routes.update(routes)
        fake.server.requests.clear()
    check(given, timezone.now())
    return ""


@cache
def fake_for_good(network: str) -> Fake:
    """Return a fake that lives as long as the process: a server for each example takes too long."""
    return fake_of(network)()


@cache
def sound(network: str, stage: str) -> Mapping[str, Said]:
    """Return what a network says at a stage when nothing is odd."""
    return recorded(fake_for_good(network), stage)


def mutated(network: str, draw: st.DataObject) -> None:
    fake = fake_for_good(network)
    stage = draw.draw(st.sampled_from([stage for stage in STAGES if fake.stages[stage]]))
    said = sound(network, stage)
    paths = draw.draw(st.lists(st.sampled_from(sorted(said)), min_size=1, max_size=2, unique=True))
    answers = {path: said[path].with_body(odd(draw, said[path].body)) for path in paths}

    ended = endured(fake, stage, answers)

    assert ended != "ok"


@pytest.mark.parametrize("network", FAKES)
def test_a_recording_of_a_sound_answer_is_sound(network: str, insecure: None) -> None:
    fake = fake_for_good(network)
    for stage in [stage for stage in STAGES if fake.stages[stage]]:
        said = sound(network, stage)

        again = endured(fake, stage, {path: one.with_body(one.body) for path, one in said.items()})

        assert again == ""
        assert set(fake.stages[stage]) <= set(said)


@pytest.mark.parametrize("network", FAKES)
@given(draw=st.data())
@examples(ALWAYS_THE_SAME, max_examples=100)
def test_any_field_of_any_answer_may_be_anything(
    network: str, insecure: None, draw: st.DataObject
) -> None:
    mutated(network, draw)


@pytest.mark.slow
@pytest.mark.parametrize("network", FAKES)
@given(draw=st.data())
@examples(ALWAYS_THE_SAME, max_examples=400)
def test_many_more_odd_answers_end_in_words_or_in_a_sound_result(
    network: str, insecure: None, draw: st.DataObject
) -> None:
    mutated(network, draw)
