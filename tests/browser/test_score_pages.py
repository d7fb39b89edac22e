"""What score pages do once they are open: speak, follow the counting, and compare days."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from scoring import words
from scoring.models import Job
from tests.scoring import scenes
from tests.scoring.builders import snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_arrow_keys_speak_the_days_in_the_servers_words(open_page: Any) -> None:
    nora = scenes.scored()
    page = open_page(reverse("home"), user=nora)
    chart = page.locator(".chart")
    said = chart.locator("[aria-live]")

    chart.focus()
    chart.press("Home")
    first = said.text_content()
    chart.press("End")

    today = nora.snapshots.latest("day")
    assert first.startswith(words.day_month(today.day - timedelta(days=89)))
    assert "worked out afterwards" in first
    assert said.text_content() == f"{words.day_month(today.day)}: {words.decimal(today.score)}"


def test_the_counting_turns_into_the_score_by_itself_and_then_rests(open_page: Any) -> None:
    nora = scenes.being_read()
    page = open_page(reverse("first_scoring"), user=nora)
    expect(page.get_by_text("187 posts read")).to_be_visible()

    Job.objects.filter(user=nora).update(progress="240 posts read")
    expect(page.get_by_text("240 posts read")).to_be_visible()
    Job.objects.filter(user=nora).update(state=Job.State.DONE)
    snapshot(nora, 42.3, day=timezone.now().date(), as_of=timezone.now())

    expect(page.get_by_role("heading", name="Your score is 42.3")).to_be_visible()
    expect(page.get_by_role("link", name="See your score")).to_be_visible()
    assert page.locator("[hx-trigger]").count() == 0


def test_other_days_can_be_compared_without_scripts(open_page: Any) -> None:
    nora = scenes.scored()
    end = nora.snapshots.latest("day").day
    page = open_page(reverse("why"), user=nora, scripts=False)

    page.get_by_label("From").fill((end - timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Compare").click()

    expect(page.get_by_text(words.span(end - timedelta(days=3), end)).first).to_be_visible()
