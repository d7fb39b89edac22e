"""The page of the API: a reader asks from it, with a token of theirs and without one."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts import tokens
from scoring import limits
from tests.browser.checks import axe, shoot
from tests.scoring.builders import snapshot
from tests.scoring.klout_scenes import open_to_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_api_is_tried_from_its_page(open_context: Any, live_server: LiveServer) -> None:
    limits.forget()
    nora = open_to_all("nora")
    snapshot(nora, 50.4)
    _row, secret = tokens.make(nora, name="Try", scopes=["score:read"], days=7, now=timezone.now())
    page = open_context(width=640).new_page()
    page.goto("/api/")
    answer = page.locator("form[data-try] pre")

    page.get_by_label("Address", exact=True).fill("/api/v1/people/nora/score")
    page.get_by_role("button", name="Ask", exact=True).click()
    answer.get_by_text('"score": 50.4').wait_for()
    page.get_by_label("Token", exact=True).fill(secret)
    page.get_by_label("Address", exact=True).fill("/api/v1/me/score")
    page.get_by_role("button", name="Ask", exact=True).click()
    answer.get_by_text('"true_reach"').wait_for()
    told = answer.text_content()
    shoot(page, "api-tried")
    for nowhere in ("https://elsewhere.example/api/v1/me", "http://["):
        page.get_by_label("Address", exact=True).fill("/api/v1/me/score")
        page.get_by_role("button", name="Ask", exact=True).click()
        answer.get_by_text('"true_reach"').wait_for()
        page.get_by_label("Address", exact=True).fill(nowhere)
        page.get_by_role("button", name="Ask", exact=True).click()
        answer.get_by_text("only addresses below").wait_for()

    assert told.startswith("200\n")
    assert "\nRateLimit: " in told
    assert axe(page) == []
    assert secret not in page.url
