"""A perk from home to its code, and the last one lost to somebody faster."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from perks import claims
from perks.models import Campaign, Claim, Unit
from tests.browser.checks import shoot
from tests.browser.perk_pages import newcomer
from tests.perks.scenes import claimant, running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_newcomer_goes_from_home_to_the_code_and_copies_it(open_page: Any) -> None:
    nora = newcomer()
    page = open_page(reverse("home"), user=nora, width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("link", name="Perks", exact=True).click()
    page.get_by_role("link", name="A month of night radio").click()
    page.get_by_role("button", name="Claim this perk").click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    page.get_by_role("button", name="Claim it").click()
    expect(page.get_by_text("It is yours.")).to_be_visible()
    page.get_by_role("button", name="Show the code").click()
    shoot(page, "perk-code-390")
    code = page.locator("#code").inner_text()
    page.locator("[data-copy=code]").click()
    expect(page.locator("[data-copy=code]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Mark as used").click()
    expect(page.get_by_text("Marked as used.")).to_be_visible()
    page.go_back()

    one = Claim.objects.get(user=nora)
    assert one.unit is not None
    assert (one.state, one.unit.code(), copied) == ("redeemed", code, code)
    assert code not in page.url


def test_who_loses_the_last_one_is_first_on_the_waiting_list_without_scripts_too(
    open_page: Any,
) -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), running(1)
    path = reverse("perk", args=[campaign.slug])
    hers = open_page(path, user=nora, scripts=False, width=390)
    his = open_page(path, user=ahmed)

    his.get_by_role("button", name="Claim this perk").click()
    expect(his.get_by_text("Held for you until")).to_be_visible()
    hers.get_by_role("button", name="Claim this perk").click()
    expect(hers.get_by_role("status")).to_contain_text("The last one went")
    expect(hers.get_by_role("status")).to_contain_text("You are first on the waiting list.")
    shoot(hers, "perk-lost-390")
    his.get_by_role("link", name="Not for me").click()
    his.get_by_role("button", name="Give it back").click()
    expect(his.get_by_text("Given back: it goes to the next.")).to_be_visible()

    assert not Claim.objects.filter(user=nora).exists()
    assert Unit.objects.get(campaign=campaign).state == Unit.State.FREE
    assert claims.last_at(Campaign.objects.get(pk=campaign.pk)) is None
