"""What people get wrong, wait for in vain or are promised: corrected, ended, and said as it is."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mailing, Notice, User
from perks import campaigns, claims, entries, replies, settling, shipping, waiting
from perks.acts import note
from perks.campaigns import Asked
from perks.models import Campaign, Claim, WaitingPlace
from tests.perks.scenes import campaign_of, claimant, running
from tests.perks.test_claims import hold, run_jobs
from tests.perks.test_pages import browser, mine, one_url, press, text
from tests.scoring.builders import NOW

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def parcel_of(nora: User) -> Claim:
    """Return a parcel that Nora claimed just now, with an address and an answer of two."""
    campaign = running(
        delivery=Campaign.Delivery.PARCEL,
        learns=(Campaign.Learns.ADDRESS, Campaign.Learns.ANSWERS),
        questions=(Asked("How shall it come?", ("Rolled", "Folded"), required=True), Asked("Why?")),
    )
    now, first = timezone.now(), campaign.questions.get(position=1)
    held = hold(nora, campaign, now=now)
    given = {"address": "Nora\nRua 1\nLisboa", "answers": {first.pk: "Rolled"}}
    return claims.claim(user_id=nora.pk, ref=held.ref, now=now, **given)  # type: ignore[arg-type]


def test_what_was_given_is_shown_to_its_person_and_corrected_until_it_is_packed() -> None:
    nora, ahmed = claimant(), browser(claimant("ahmed"))
    one, client = parcel_of(nora), browser(nora)
    first, second = one.campaign.questions.order_by("position")
    page = reverse("perk_correct", args=[one.ref])
    right = {f"answer-{first.pk}": "Folded", f"answer-{second.pk}": "Maps"}

    before = text(client.get(one_url(one)))
    form = client.get(page).content.decode()
    bad = client.post(page, {"address": "", **right})
    done = client.post(page, {"address": "Nora\r\nRua 2\r\nLisboa", **right})
    note(one.campaign, None, "export", timezone.now(), learns=one.campaign.learns)
    after = text(client.get(one_url(one)))
    strange = [ahmed.get(page).status_code, ahmed.post(page, right).status_code]
    shipping.ship(claim_id=one.pk, to="packed", actor_id=None, now=timezone.now())
    packed = client.post(page, {"address": "Elsewhere", **right})

    one.refresh_from_db()
    assert "Rua 1 Lisboa How shall it come? Rolled Why? You left that out." in before
    assert "Fieldnote did not get it yet" in before
    assert "Rua 1" in form
    assert (bad.status_code, done.status_code, packed.status_code) == (400, 302, 409)
    assert "Folded Why? Maps The list of claims was taken at" in after
    assert strange == [404, 404]
    assert one.address() == "Nora\nRua 2\nLisboa"
    assert "Correct it" not in text(client.get(one_url(one)))


def test_where_nothing_was_asked_for_there_is_nothing_to_correct() -> None:
    nora = claimant()
    client, one = browser(nora), campaign_of(1)
    held = hold(nora, one)
    claims.claim(user_id=nora.pk, ref=held.ref, now=NOW)
    page = reverse("perk_correct", args=[held.ref])

    answers = [client.get(page), client.post(page, {}, follow=True)]

    assert answers[0].headers["Location"] == one_url(held)
    assert "Corrected." not in text(answers[1])


def test_a_reminder_of_what_is_to_come_is_sent_before_it_opens_and_before_it_closes() -> None:
    nora = claimant()
    campaign = campaign_of(opens_at=NOW + 2 * DAY, closes_at=NOW + 9 * DAY)
    run_jobs()

    replies.remind(user_id=nora.pk, campaign_id=campaign.pk, on=True, now=NOW)
    for at in (campaign.opens_at - HOUR, campaign.closes_at - DAY):
        run_jobs(at - timedelta(seconds=1))
        run_jobs(at)

    assert [one.subject for one in mail.outbox] == [
        "Opens soon: Fieldnote A5 notebook",
        "Ends soon: Fieldnote A5 notebook",
    ]
    assert "it opens on 23 November" in mail.outbox[0].body


def test_what_is_open_for_some_hours_is_not_said_to_be_open_the_day_before() -> None:
    nora = claimant()
    window = {"opens_at": NOW + 3 * DAY, "closes_at": NOW + 3 * DAY + 6 * HOUR}
    campaign = campaign_of(mode=Campaign.Mode.DRAW, **window)
    run_jobs()

    replies.remind(user_id=nora.pk, campaign_id=campaign.pk, on=True, now=NOW)
    for at in (campaign.closes_at - DAY, campaign.opens_at - HOUR):
        run_jobs(at)

    assert [one.subject for one in mail.outbox] == ["Opens soon: Fieldnote A5 notebook"]


def test_a_reminder_that_is_written_late_says_what_is_so_then() -> None:
    nora, rosa = claimant(), claimant("rosa")
    soon = campaign_of(title="Soon", opens_at=NOW + 2 * DAY, closes_at=NOW + 9 * DAY)
    short = campaign_of(title="Short", opens_at=NOW + 2 * DAY, closes_at=NOW + 9 * DAY)
    run_jobs()
    for user, campaign in ((nora, soon), (rosa, short)):
        replies.remind(user_id=user.pk, campaign_id=campaign.pk, on=True, now=NOW)
    campaigns.end(campaign_id=short.pk, actor_id=None, now=NOW)

    run_jobs(soon.opens_at + HOUR)

    assert [(one.subject, one.to) for one in mail.outbox] == [
        ("Open now: Soon", ["nora@example.org"])
    ]


@pytest.mark.one_engine
def test_nothing_is_said_to_be_open_while_it_is_paused() -> None:
    nora = claimant()
    campaign = campaign_of(opens_at=NOW + 2 * DAY, closes_at=NOW + 9 * DAY)
    run_jobs()

    replies.remind(user_id=nora.pk, campaign_id=campaign.pk, on=True, now=NOW)
    campaigns.pause(campaign_id=campaign.pk, actor_id=None, now=NOW)
    run_jobs(campaign.opens_at + HOUR)
    paused = list(mail.outbox)
    campaigns.resume(campaign_id=campaign.pk, actor_id=None, now=campaign.opens_at + DAY)
    run_jobs(campaign.closes_at - DAY)

    assert paused == []
    assert [one.subject for one in mail.outbox] == ["Ends soon: Fieldnote A5 notebook"]


def test_a_mail_is_promised_to_nobody_whom_none_reaches() -> None:
    nora, rosa, campaign = claimant(), claimant("rosa"), running(1)
    EmailAddress.objects.filter(user=nora).update(verified=False)
    Mailing.objects.create(user=rosa, perks=False)
    hold(claimant("ahmed"), campaign, now=timezone.now())

    for each in (nora, rosa):
        client = browser(each)
        shown = text(client.get(reverse("perk", args=[campaign.slug])))
        late = press(client, campaign, "remind")
        press(client, campaign, "wait")
        waits = text(client.get(reverse("perk", args=[campaign.slug])))

        assert "Remind me" not in shown
        assert "no mail about perks reaches you" in shown
        assert late.status_code == 409
        assert "no mail about perks reaches you" in waits
        assert "A mail says so" not in waits


def test_who_waits_in_vain_is_told_once_when_the_campaign_ends() -> None:
    nora, rosa, ahmed = claimant(), claimant("rosa"), claimant("ahmed")
    closes = campaign_of(1, title="Closes")
    stopped = campaign_of(1, title="Stopped", waiting_list=True)
    for campaign in (closes, stopped):
        hold(ahmed, campaign)
        for each in (nora, rosa):
            waiting.join(user_id=each.pk, campaign_id=campaign.pk, now=NOW)
    run_jobs()
    mail.outbox.clear()

    campaigns.end(campaign_id=stopped.pk, actor_id=None, now=NOW)
    run_jobs()
    at_end = len(mail.outbox)
    due = settling.due(now=closes.closes_at)
    for _time in range(2):
        settling.settle(campaign_id=closes.pk, now=closes.closes_at)
    run_jobs(closes.closes_at)

    assert at_end == 2
    assert due == [closes.pk]
    assert Notice.objects.filter(kind="perk_list_over").count() == 4
    assert [one.subject for one in mail.outbox] == [
        *["The waiting list is over: Stopped"] * 2,
        *["The waiting list is over: Closes"] * 2,
    ]
    assert set(WaitingPlace.objects.values_list("state", flat=True)) == {"over"}


@pytest.mark.parametrize("over", [False, True], ids=["offer", "close"])
def test_who_leaves_the_site_at_that_moment_keeps_nobody_from_being_seen_to(over: bool) -> None:
    nora, rosa, ahmed = claimant(), claimant("rosa"), claimant("ahmed")
    campaign = campaign_of(1)
    held = hold(ahmed, campaign)
    for each in (nora, rosa):
        waiting.join(user_id=each.pk, campaign_id=campaign.pk, now=NOW)
    claims.give_back(user_id=ahmed.pk, ref=held.ref, now=NOW)
    leaving = [nora]

    def leaves(execute: Any, sql: str, *more: Any) -> Any:
        """Have Nora leave once her place was read and before her row is locked."""
        if leaving and sql.startswith("SELECT") and 'FROM "accounts_user"' in sql:
            leaving.pop().delete()
        return execute(sql, *more)

    with connection.execute_wrapper(leaves):
        if over:
            waiting.close(campaign_id=campaign.pk, now=campaign.closes_at)
        else:
            waiting.offer(campaign_id=campaign.pk, now=NOW)

    assert not leaving
    assert WaitingPlace.objects.get().user_id == rosa.pk
    assert WaitingPlace.objects.get().state == ("over" if over else "offered")


def test_the_list_of_a_draw_is_over_when_nothing_goes_on_by_lot_any_more() -> None:
    nora, campaign = claimant(), campaign_of(1, mode=Campaign.Mode.DRAW)
    people = [nora, claimant("rosa")]
    for each in people:
        entries.enter(user_id=each.pk, campaign_id=campaign.pk, now=NOW)
    settling.settle(campaign_id=campaign.pk, now=campaign.closes_at)

    early = waiting.close(campaign_id=campaign.pk, now=campaign.closes_at + DAY)
    then = waiting.close(campaign_id=campaign.pk, now=campaign.closes_at + waiting.AFTER_A_DRAW)

    assert (early, then) == (0, 1)


def test_who_takes_part_is_told_once_when_a_draw_is_called_off() -> None:
    nora, campaign = claimant(), running(1, mode=Campaign.Mode.DRAW)
    entries.enter(user_id=nora.pk, campaign_id=campaign.pk, now=timezone.now())
    campaigns.end(campaign_id=campaign.pk, actor_id=None, now=timezone.now())

    told = [entries.tell(campaign_id=campaign.pk, now=timezone.now()) for _time in range(2)]
    page = text(browser(nora).get(reverse("perk", args=[campaign.slug])))

    assert told == [1, 0]
    assert Notice.objects.get(user=nora).kind == "perk_draw_off"
    assert "It was ended before the draw" in page
    assert "You take part in the draw." not in page


@pytest.mark.one_engine
def test_where_something_is_pressed_opening_the_address_leads_to_its_page() -> None:
    nora, campaign = claimant(), running()
    client, now = browser(nora), timezone.now()
    one = claims.hold(user_id=nora.pk, campaign_id=campaign.pk, key="1", now=now)

    led = {
        reverse("perk_act", args=[campaign.slug, "hold"]): reverse("perk", args=[campaign.slug]),
        mine(one, "used"): one_url(one),
        reverse("badges_old"): reverse("badges"),
        reverse("language"): reverse("landing"),
    }

    assert {path: client.get(path).headers.get("Location") for path in led} == led
    assert client.put(mine(one, "used")).status_code == 405


@pytest.mark.one_engine
def test_a_program_that_asks_for_what_cannot_be_embedded_is_answered_in_its_form() -> None:
    asked = {"url": f"{settings.SITE_URL}/@nobody"}

    answer = Client().get(reverse("oembed"), asked)
    plain = Client().get(reverse("oembed"), asked | {"format": "xml"})

    assert (answer.status_code, plain.status_code) == (404, 404)
    assert "Nobody shows their score" in answer.json()["error"]
    assert plain["Content-Type"].startswith("text/plain")
