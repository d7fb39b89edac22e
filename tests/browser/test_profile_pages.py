"""What people do with their own page: opening it part by part, without scripts, on a phone."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.scoring import topic_scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_is_opened_part_by_part_and_looked_at_as_a_stranger(
    open_page: Any, open_context: Any
) -> None:
    nora = topic_scenes.known()
    page = open_page(reverse("profile_settings"), user=nora, width=390, scripts=False)

    page.get_by_label("Your handle").fill("Nora")
    page.get_by_label("Who may open your page").select_option("Everyone")
    page.get_by_label("Your topics").select_option("Everyone")
    page.get_by_label("Your score").select_option("People who are signed in here")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Have a look at what others see now.")).to_be_visible()
    page.get_by_role("link", name="See it as a stranger").click()
    expect(page.get_by_role("heading", name="Known for")).to_be_visible()
    assert page.get_by_role("heading", name="Score").count() == 0
    page.get_by_role("link", name="See it as a member").click()
    expect(page.get_by_role("heading", name="Score")).to_be_visible()

    stranger = open_context().new_page()
    stranger.goto(reverse("profile", args=["NORA"]))

    assert stranger.url.endswith("/@nora")
    expect(stranger.get_by_role("heading", name="Known for")).to_be_visible()
    assert stranger.get_by_role("heading", name="Score").count() == 0
    assert stranger.context.cookies() == []
