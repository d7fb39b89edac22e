"""Two people at two browsers: one gives +K, the other sees it come and thanks."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scoring import plusk
from tests.browser.checks import shoot
from tests.scoring import topic_scenes
from tests.scoring.builders import person
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_gives_from_a_profile_and_the_other_sees_it_and_thanks_and_then_reports_it(
    open_page: Any, scripts: bool
) -> None:
    amara, *_others = topic_scenes.crowd("django", named=3)
    giving = open_page(reverse("topic", args=["django"]), user=person("nora"), scripts=scripts)
    getting = open_page(reverse("home"), user=amara, scripts=scripts, width=390)

    giving.get_by_role("link", name="Amara", exact=True).first.click()
    giving.get_by_text("Give +K").first.click()
    giving.get_by_role("radio", name="Django").check()
    giving.get_by_role("checkbox", name="Amara may show this on their page").check()
    giving.get_by_label("Because").fill("Forms that work without JavaScript")
    giving.get_by_label("Because").press("Enter")
    expect(giving.get_by_text("Amara gets +K in Django.")).to_be_visible()
    getting.reload()
    getting.get_by_role("link", name="1 new +K for you.").click()
    expect(getting.get_by_text("“Forms that work without JavaScript”")).to_be_visible()
    shoot(getting, f"plusk-arrived-{scripts}-390")
    getting.get_by_role("button", name="Thank Nora, Django").click()
    expect(getting.get_by_text("You thanked")).to_be_visible()
    giving.reload()
    expect(giving.get_by_text("Thanked you")).to_be_visible()
    giving.goto(f"{giving.url.partition('/plusk/')[0]}/@amara")

    expect(giving.get_by_text("“Forms that work without JavaScript”")).to_be_visible()
    assert plusk.totals_of(amara.pk) == {"django": 1}

    getting.locator("summary", has_text="Report Nora, Django").click()
    getting.get_by_label("Why (if you like)").fill("It was not me")
    shoot(getting, f"plusk-report-{scripts}-390")
    getting.get_by_role("button", name="Hide and report").click()
    expect(getting.get_by_role("link", name="You reported this: case")).to_be_visible()
    assert plusk.totals_of(amara.pk) == {}


def test_what_was_given_by_mistake_is_taken_back_by_keyboard(open_page: Any) -> None:
    amara, *_others = topic_scenes.crowd("django", named=1)
    nora = person("nora")
    page = open_page(f"{reverse('plusk_give')}?to=@amara", user=nora)

    page.get_by_role("radio", name="Django").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Give +K").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo Amara, Django").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Taken back. It counts no longer.")).to_be_visible()
    expect(page.get_by_text("10 of 10 left today.")).to_be_visible()
    assert plusk.totals_of(amara.pk) == {}
