"""What the document says is answered: schemathesis asks all that it allows, and what it does not.

Source of the checks: https://schemathesis.readthedocs.io/ (status, content type, headers, schema,
faults of a server, requests that must be refused, tokens that are asked for).
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, assume, given
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.scoring import api_scenes as scenes
from tests.scoring.pages import at_noon

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep requests from closing the connection that holds the test's rows, as Django's client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_everything(examples: int, *, derandomize: bool) -> int:
    """Ask each operation so many times as the document allows, and as it does not."""
    nora, _ahmed = scenes.among_friends()
    headers = {"Authorization": f"Bearer {scenes.token_of(nora)}"}
    schema = schemathesis.openapi.from_wsgi(f"{scenes.BASE}/openapi.json", get_wsgi_application())
    asked = 0
    for found in schema.get_all_operations():
        for mode in MODES:
            asked += _ask(found.ok(), mode, headers, examples, derandomize=derandomize)
    return asked


def _ask(
    operation: Any,
    mode: GenerationMode,
    headers: dict[str, str],
    examples: int,
    *,
    derandomize: bool,
) -> int:
    asked = 0

    @hypothesis.settings(
        max_examples=examples,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal asked
        # An empty list comes to nothing in an address: nothing wrong would be sent.
        assume(not any(value in ([], {}) for value in (case.query or {}).values()))
        case.call_and_validate(headers=headers)
        asked += 1

    with suppress(Unsatisfiable):  # an operation that takes any text has nothing to refuse
        ask()
    return asked


def test_nothing_is_answered_that_the_document_does_not_say(settings: Any) -> None:
    settings.API_PER_MINUTE = 1_000_000

    asked = ask_everything(2, derandomize=True)

    assert asked > 40


@pytest.mark.slow
def test_nothing_is_answered_that_the_document_does_not_say_however_long_it_is_asked(
    settings: Any,
) -> None:
    settings.API_PER_MINUTE = 1_000_000

    asked = ask_everything(150, derandomize=False)

    assert asked > 2_000
