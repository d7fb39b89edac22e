"""What people do on the pages of topics: with a keyboard, without scripts, on paper."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from scoring import topics
from tests.browser.checks import axe, shoot, side_scroll
from tests.scoring import topic_scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def order(page: Page) -> list[str]:
    """Return the topics that the page lists, in order."""
    return page.locator("ol.topics h3").all_text_contents()


def test_a_topic_is_moved_by_keyboard_alone(open_page: Any) -> None:
    page = open_page(reverse("my_topics"), user=topic_scenes.known())
    before = order(page)

    page.get_by_role("button", name=f"Up {before[1]}").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text(f"{before[1]} moved up.")).to_be_visible()
    assert order(page) == [before[1], before[0], *before[2:]]


def test_a_topic_is_hidden_and_restored_without_scripts(open_page: Any) -> None:
    page = open_page(reverse("my_topics"), user=topic_scenes.known(), scripts=False)

    page.locator("#topic-django summary").click()
    page.get_by_role("button", name="Hide for good Django").click()
    expect(page.get_by_text("Django is gone, and we will not guess it again.")).to_be_visible()
    assert "Django" not in order(page)
    page.get_by_role("button", name="Restore Django").click()

    expect(page.get_by_text("Django is back as far as posts lead to it.")).to_be_visible()
    assert "Django" in order(page)


def test_a_topic_is_found_by_another_name_and_added_without_scripts(open_page: Any) -> None:
    page = open_page(reverse("my_topics"), user=topic_scenes.nothing_said(), scripts=False)

    page.get_by_label("Name of the topic").fill("webdev")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add Web development").click()

    assert order(page) == ["Web development"]


def test_a_wrong_topic_becomes_a_case_without_scripts(open_page: Any) -> None:
    nora = topic_scenes.known()
    page = open_page(reverse("my_topic", args=["django"]), user=nora, width=390, scripts=False)

    page.get_by_text("This is wrong", exact=True).click()
    shoot(page, "my-topic-wrong-light-390")
    page.get_by_label("Which topic is it instead?").fill("Jazz")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", name="The topic “Django”")).to_be_visible()
    assert topics.hidden(nora.pk) == ["django"]


def test_the_way_to_what_can_be_done_leads_there_without_scripts(open_page: Any) -> None:
    nora = topic_scenes.known()
    page = open_page(reverse("my_topic", args=["django"]), user=nora, width=390, scripts=False)

    page.get_by_role("link", name="This is wrong, or hide it").click()

    expect(page.get_by_role("button", name="Hide for good")).to_be_in_viewport()


def test_the_open_form_about_a_wrong_topic_can_be_used(open_page: Any) -> None:
    page = open_page(reverse("my_topic", args=["django"]), user=topic_scenes.known(), width=320)

    page.get_by_text("This is wrong", exact=True).click()

    assert axe(page) == []
    assert side_scroll(page) == []


def test_the_evidence_on_paper_is_the_posts_and_their_sum_alone(open_page: Any) -> None:
    page = open_page(reverse("my_topic", args=["django"]), user=topic_scenes.known())

    page.emulate_media(media="print")

    expect(page.get_by_text("Strength", exact=True)).to_be_visible()
    expect(page.get_by_text("This is wrong", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="This is wrong, or hide it")).to_be_hidden()
    expect(page.get_by_role("button", name="Hide for good")).to_be_hidden()
    shoot(page, "my-topic-paper-1280")
