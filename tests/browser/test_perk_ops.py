"""A campaign as its operator writes it: from a draft to what it returned, by hand and eye."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from perks import claims
from perks.models import Campaign
from tests.browser.checks import shoot
from tests.browser.support_pages import olga
from tests.browser.watch import Watch
from tests.perks.scenes import claimant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_campaign_goes_from_a_draft_to_its_report(
    open_page: Any, watch: Watch, scripts: bool
) -> None:
    nora, now = claimant("nora", 50.4), timezone.now()
    width = 1280 if scripts else 390
    page = open_page(reverse("ops_perks"), user=olga(), scripts=scripts, width=width)
    watch.expected.add(400)  # codes that are refused

    def counted(said: str) -> None:
        page.get_by_label("Score to").focus()
        if not scripts:
            page.get_by_role("button", name="Count again").click()
        expect(page.get_by_text(said)).to_be_visible(timeout=60_000)

    page.get_by_role("link", name="Write a campaign").click()
    page.get_by_label("Title").fill("Fieldnote A5 notebook")
    page.get_by_label("Brand", exact=True).fill("Fieldnote")
    page.get_by_label("What one gets, in a sentence").fill("A notebook of 96 dotted pages")
    page.get_by_label("Opens").fill(f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Closes").fill(f"{now + timedelta(days=6):%Y-%m-%dT%H:%M}")
    page.get_by_label("How many there are").fill("2")
    page.get_by_label("Score from").fill("60")
    counted("Reaches nobody here today.")
    page.get_by_label("Score from").fill("40")
    counted("Reaches 1 person today.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("Upload 2 codes.")).to_be_visible()
    page.get_by_role("link", name="Upload codes").click()
    page.get_by_label("Or the codes themselves, one a line").fill("ABCD-1\nABCD-1")
    page.get_by_role("button", name="Keep these codes").click()
    expect(page.get_by_text("1 code stands in the file twice.")).to_be_visible()
    shoot(page, f"ops-perk-codes-{width}")
    page.get_by_label("Or the codes themselves, one a line").fill("ABCD-1\nABCD-2")
    page.get_by_role("button", name="Keep these codes").click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Published. People see it from now on.")).to_be_visible()
    page.get_by_role("link", name="See it as somebody").click()
    page.get_by_label("Handle, user name or email address").fill("nora")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("It is open to Nora.")).to_be_visible()
    shoot(page, f"ops-perk-preview-{width}")
    page.get_by_role("link", name="Fieldnote A5 notebook").click()
    campaign = Campaign.objects.get()
    held = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="k", now=timezone.now())
    claims.claim(user_id=nora.pk, ref=held.ref, now=timezone.now())
    page.get_by_role("link", name="What it returned").click()
    expect(page.get_by_role("heading", name="By day")).to_be_visible()
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Its address").input_value()
    page.goto(address)

    expect(page.get_by_text("fewer than 5").first).to_be_visible()
    shoot(page, f"perk-report-{width}")
    expect(page.get_by_text("Nora")).to_have_count(0)
