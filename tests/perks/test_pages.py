"""The pages of perks, through the real views: every press that comes too late, twice or wrongly."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Case, GivenFacts, User
from perks import campaigns, claims, settling, stock, telling, tries
from perks.campaigns import Asked
from perks.eligibility import Rules
from perks.models import Answer, Campaign, CampaignEvent, Claim, Entry, Feedback, WaitingPlace
from scoring.limits import Limit
from tests.perks.scenes import claimant, draft, running, taken
from tests.perks.test_claims import run_jobs
from tests.scoring.builders import snapshot

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    """Return what a page says, without its tags, menu and foot."""
    html = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


def press(client: Client, campaign: Campaign, act: str = "hold", **sent: str) -> Any:
    return client.post(reverse("perk_act", args=[campaign.slug, act]), sent)


def held(client: Client, campaign: Campaign) -> Claim:
    """Press "claim" and return the claim that is held by it."""
    response = press(client, campaign, key="one press")
    assert response["Location"] == reverse("perk_claim", args=[campaign.slug])
    return Claim.objects.latest("pk")


def claim(client: Client, one: Claim, **sent: str) -> Any:
    url = reverse("perk_claim", args=[one.campaign.slug])
    return client.post(url, {"ref": str(one.ref), **sent})


def mine(one: Claim, act: str = "") -> str:
    return reverse("perk_mine_act", args=[one.ref, act]) if act else one_url(one)


def one_url(one: Claim) -> str:
    return reverse("perk_mine", args=[one.ref])


def test_a_claim_goes_from_the_list_to_the_code() -> None:
    nora, campaign = claimant(), running(2)
    client = browser(nora)

    listed = text(client.get(reverse("perks")))
    shown = text(client.get(reverse("perk", args=[campaign.slug])))
    one = held(client, campaign)
    form = text(client.get(reverse("perk_claim", args=[campaign.slug])))
    done = claim(client, one)
    before = client.get(one_url(one)).content.decode()
    client.post(mine(one, "code"))
    page = client.get(one_url(one))

    code = claims.show_code(user_id=nora.pk, ref=one.ref, now=timezone.now())
    assert "Open to you Fieldnote A5 notebook" in listed
    assert "2 of 2 left" in shown
    assert "Score 40 or more You: 50.4" in shown
    assert "No post is owed." in shown
    assert "Fieldnote gets to know nothing of you." in shown
    until = timezone.localtime(one.held_until)
    assert f"Held for you until {until:%H:%M}" in form
    assert done["Location"] == one_url(one)
    assert code not in before
    assert code in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert code not in client.get(reverse("perks_mine")).content.decode()
    assert set(CampaignEvent.objects.values_list("kind", flat=True)) == {"seen", "opened"}


def test_two_tabs_the_back_button_and_a_double_press_give_the_same_claim() -> None:
    nora, campaign = claimant(), running()
    one_tab, other_tab = browser(nora), browser(nora)

    one = held(one_tab, campaign)
    again = press(one_tab, campaign, key="one press")
    elsewhere = press(other_tab, campaign, key="another")
    done = [claim(one_tab, one), claim(other_tab, one), claim(one_tab, one)]
    back = press(one_tab, campaign, key="one press")

    assert {again["Location"], elsewhere["Location"]} == {
        reverse("perk_claim", args=[campaign.slug])
    }
    assert {response["Location"] for response in (*done, back)} == {one_url(one)}
    assert (Claim.objects.count(), taken(campaign)) == (1, 1)


def test_who_comes_too_late_is_told_when_the_last_one_went_and_waits() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), running(1)
    held(browser(ahmed), campaign)
    client = browser(nora)

    response = press(client, campaign, key="one press")
    shown = text(client.get(response["Location"]))

    assert re.search(
        r"The last one went \d+ seconds? ago. You are first on the waiting list", shown
    )
    assert "Leave the waiting list" in shown
    assert not Claim.objects.filter(user=nora).exists()
    assert "You are first on the waiting list." in text(client.get(reverse("perks_mine")))


def test_without_a_waiting_list_it_is_said_that_all_are_taken() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), running(1, waiting_list=False)
    held(browser(ahmed), campaign)
    client = browser(nora)

    late = press(client, campaign)
    waiting_for = press(client, campaign, "wait")

    assert (late.status_code, waiting_for.status_code) == (409, 409)
    assert "The last one went" in text(late)
    assert "has no waiting list" in text(waiting_for)


def ended(campaign: Campaign) -> None:
    campaigns.end(campaign_id=campaign.pk, actor_id=None, now=timezone.now())


def closed(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=timezone.now())


def paused(campaign: Campaign) -> None:
    campaigns.pause(campaign_id=campaign.pk, actor_id=None, now=timezone.now())


def not_open_yet(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(opens_at=timezone.now() + DAY)


def score_fell(_campaign: Campaign) -> None:
    today = timezone.now().date()
    snapshot(User.objects.get(username="nora"), 39.9, day=today, as_of=timezone.now())


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (ended, "This perk has ended."),
        (closed, "This perk has ended."),
        (paused, "This perk is paused for the moment."),
        (not_open_yet, "This perk is not open yet."),
        (score_fell, "You are 0.1 points away."),
    ],
)
def test_what_changed_between_page_and_press_is_a_sentence(
    meanwhile: Callable[[Campaign], None], words: str
) -> None:
    nora, campaign = claimant(), running()
    client = browser(nora)
    client.get(reverse("perk", args=[campaign.slug]))
    meanwhile(campaign)

    response = press(client, campaign)

    assert response.status_code == 409
    assert words in text(response)
    assert (Claim.objects.count(), taken(campaign)) == (0, 0)


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [(ended, "This perk has ended."), (paused, "is paused"), (score_fell, "0.1 points away")],
)
def test_what_changed_between_hold_and_claim_is_a_sentence_too(
    meanwhile: Callable[[Campaign], None], words: str
) -> None:
    client, campaign = browser(claimant()), running()
    one = held(client, campaign)
    meanwhile(campaign)

    response = claim(client, one)

    assert response.status_code == 409
    assert words in text(response)
    assert not Claim.objects.exclude(state="held").exists()


def test_a_hold_outlives_the_closing_time_and_a_pause() -> None:
    client, campaign = browser(claimant()), running()
    one = held(client, campaign)

    closed(campaign)
    paused(campaign)
    Claim.objects.update(held_until=timezone.now() - DAY)
    meanwhile = text(client.get(reverse("perk_claim", args=[campaign.slug])))
    campaigns.resume(campaign_id=campaign.pk, actor_id=None, now=timezone.now())
    done = claim(client, one)

    assert "It stays held for you while this is paused." in meanwhile
    assert done.status_code == 302


def test_a_hold_that_ran_out_is_said_and_may_be_pressed_again() -> None:
    client, campaign = browser(claimant()), running()
    one = held(client, campaign)
    Claim.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    late = claim(client, one)
    page = client.get(reverse("perk_claim", args=[campaign.slug]))
    again = press(client, campaign, key="another press")

    assert late.status_code == 409
    assert "held for you no longer" in text(late)
    assert page["Location"] == reverse("perk", args=[campaign.slug])
    assert again["Location"] == reverse("perk_claim", args=[campaign.slug])


def test_stock_that_was_cut_leaves_the_waiting_list() -> None:
    client, campaign = browser(claimant()), running(3)
    stock.cut(campaign_id=campaign.pk, number=2, actor_id=None, now=timezone.now())
    held(browser(claimant("ahmed")), campaign)

    response = press(client, campaign)

    assert "on the waiting list" in text(client.get(response["Location"]))
    assert stock.counts(campaign.pk).total == 1


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "address",
    [
        "Nora Lindqvist\r\nRua da Bica 1\r\nLisboa",
        "森田 潤\n東京都渋谷区1-2-3",
        "نورا\nشارع 1\nالقاهرة",
        "Łucja Żak\nul. Długa 7/2 🏡\n00-001 Warszawa",
        "<script>alert(1)</script>\n1 O'Connell St & Sons",
    ],
)
def test_an_address_in_any_script_is_kept_as_it_was_typed(address: str) -> None:
    client, campaign = browser(claimant()), running(delivery=Campaign.Delivery.PARCEL)
    one = held(client, campaign)

    empty = claim(client, one, address=" \n ")
    too_long = claim(client, one, address="x" * 501)
    paused(campaign)
    too_soon = claim(client, one, address=address)
    campaigns.resume(campaign_id=campaign.pk, actor_id=None, now=timezone.now())
    done = claim(client, one, address=address)

    one.refresh_from_db()
    assert too_soon.status_code == 409
    assert escape(address).replace("\r\n", "\n") in too_soon.content.decode().replace("\r\n", "\n")
    assert "x" * 501 in too_long.content.decode()
    assert [response.status_code for response in (empty, too_long, done)] == [400, 400, 302]
    assert "A parcel needs a name and a postal address" in text(empty)
    assert one.address() == address.replace("\r\n", "\n")
    assert "<script>" not in client.get(one_url(one)).content.decode().split("<main")[1]
    page = text(client.get(one_url(one)))
    assert "Waiting to be packed" in page
    assert "It arrived and is in use" not in page
    assert "How was it?" not in page
    assert "The code does not go along" not in page


@pytest.mark.one_engine
def test_questions_are_asked_answered_and_nothing_is_ticked_beforehand() -> None:
    questions = (Asked("Which cover?", ("Linen", "Card"), required=True), Asked("For what?"))
    campaign = running(questions=questions, learns=("answers", "name"))
    client = browser(claimant())
    one = held(client, campaign)
    first, second = campaign.questions.order_by("position")
    read = {"read": "yes"}

    form = client.get(reverse("perk_claim", args=[campaign.slug])).content.decode()
    unread = claim(client, one, **{f"answer-{first.pk}": "Linen"})
    strange = claim(client, one, **read, **{f"answer-{first.pk}": "Gold"})
    said = {f"answer-{first.pk}": "Linen", f"answer-{second.pk}": "Notes"}
    done = claim(client, one, **read, **said)

    assert " checked" not in form
    assert "Fieldnote gets to know: Name, Answers to its questions. Never your score." in form
    assert "Tick that you have read" in text(unread)
    assert 'value="Linen" checked' in " ".join(unread.content.decode().split())
    assert "A question of the brand needs an answer" in text(strange)
    assert [response.status_code for response in (unread, strange, done)] == [400, 400, 302]
    assert list(Answer.objects.order_by("pk").values_list("text", flat=True)) == ["Linen", "Notes"]


def test_forged_and_foreign_ids_are_nowhere() -> None:
    nora, campaign = claimant(), running()
    ahmed = browser(claimant("ahmed"))
    one = held(browser(nora), campaign)
    claims.claim(user_id=nora.pk, ref=one.ref, now=timezone.now())
    code = claims.show_code(user_id=nora.pk, ref=one.ref, now=timezone.now())

    answers = [ahmed.get(one_url(one)), ahmed.get(reverse("perk_mine", args=[uuid4()]))]
    answers += [ahmed.post(mine(one, act), {"text": "x", "stars": "1"}) for act in _acts()]
    answers += [claim(ahmed, one), ahmed.post(reverse("perk_claim", args=[campaign.slug]))]
    elsewhere = reverse("perk_claim", args=[running(title="Another").slug])
    answers += [browser(nora).post(elsewhere, {"ref": ref}) for ref in (str(one.ref), "\x00../1")]
    found = {response.status_code for response in answers}

    one.refresh_from_db()
    assert found == {404}
    assert all(code not in response.content.decode() for response in answers)
    assert one.state == Claim.State.CLAIMED


def _acts() -> list[str]:
    return ["code", "used", "unused", "give-back", "problem", "rate", "withdraw"]


def test_the_twenty_first_wrong_try_answers_429(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Limit("perk-tries", tries.PER_MINUTE, 10**9)  # no minute ends on the way
    monkeypatch.setattr(tries, "_WRONG", endless)
    client, right = browser(claimant()), running()
    one = held(client, right)

    wrong = [client.get(reverse("perk_mine", args=[uuid4()])) for _try in range(21)]
    own = client.get(one_url(one))

    assert [response.status_code for response in wrong] == [404] * 20 + [429]
    assert own.status_code == 429
    assert "Wait a minute" in text(own)
    assert int(own["Retry-After"]) > 0


@pytest.mark.one_engine
def test_a_wrong_try_is_no_error_where_the_cache_keeps_no_count(settings: Any) -> None:
    client = browser(claimant())
    settings.CACHE_URL = "redis://127.0.0.1:1/0"  # so that counts are asked of the cache
    forgets = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = {"default": forgets, "shared": forgets}

    response = client.get(reverse("perk_mine", args=[uuid4()]))

    assert response.status_code == 404


def test_what_is_claimed_is_used_questioned_rated_and_given_back() -> None:
    nora, campaign = claimant(), running()
    client = browser(nora)
    one = held(client, campaign)
    claim(client, one)

    for act, sent in [
        ("used", {}),
        ("unused", {}),
        ("rate", {"stars": "4", "words": "Good paper"}),
        ("problem", {"text": "The till does not know it"}),
    ]:
        assert client.post(mine(one, act), sent).status_code == 302, act
    page = text(client.get(one_url(one)))
    bad = [
        client.post(mine(one, "rate"), {"stars": "six", "words": "kept"}),
        client.post(mine(one, "problem"), {"text": " "}),
    ]
    client.post(mine(one, "withdraw"))
    asked = text(client.get(mine(one, "give-back")))
    kept = stock.counts(campaign.pk).free
    client.post(mine(one, "give-back"))
    after = text(client.get(reverse("perks_mine")))

    assert "Give it back?" in asked
    assert "you cannot fetch it back" in asked
    assert kept == 2
    assert f"Case {Case.objects.get().pk}" in page
    assert "Good paper" in page
    assert [response.status_code for response in bad] == [409, 409]
    assert "Give one to five stars" in text(bad[0])
    assert "kept" in text(bad[0])
    assert not Feedback.objects.exists()
    assert "You gave it back" in after
    assert stock.counts(campaign.pk).free == 3


@pytest.mark.one_engine
def test_a_code_that_was_seen_cannot_be_given_back() -> None:
    client, campaign = browser(claimant()), running()
    one = held(client, campaign)
    claim(client, one)
    client.post(mine(one, "code"))

    refused = client.post(mine(one, "give-back"))

    assert refused.status_code == 409
    assert "You have seen the code" in text(refused)
    assert "Give it back" not in text(client.get(one_url(one)))


def test_a_draw_is_entered_left_and_can_be_done_again_by_anybody() -> None:
    nora, campaign = claimant(), running(1, mode=Campaign.Mode.DRAW)
    client = browser(nora)

    before = text(client.get(reverse("perk", args=[campaign.slug])))
    hold = press(client, campaign)
    too_early = client.get(reverse("perk_draw", args=[campaign.slug]))
    press(client, campaign, "enter")
    press(client, campaign, "withdraw")
    press(client, campaign, "enter")
    entry = Entry.objects.get()
    closed(campaign)
    settling.settle(campaign_id=campaign.pk, now=timezone.now())
    after = text(client.get(reverse("perk", args=[campaign.slug])))
    answer = client.get(reverse("perk_draw", args=[campaign.slug]))

    lines = b"".join(answer).decode()
    assert campaign.commitment in before
    assert hold.status_code == 409
    assert "This perk goes by lot" in text(hold)
    assert too_early.status_code == 404
    assert "Drawn by lot" in after
    assert Campaign.objects.get().seed in after
    assert lines.endswith(f"1 {entry.name}\n")


def test_what_is_nearly_open_says_what_is_missing_and_closed_ones_say_why() -> None:
    nora = claimant("nora", 37.0)
    running(title="Near", rules=Rules(score_from=40, topic="cycling"))
    running(title="Far", rules=Rules(age_to=20, countries=("PT",)))
    running(title="Later", rules=Rules(), opens_at=timezone.now() + DAY)
    over = running(title="Over", rules=Rules())
    closed(over)
    paused(running(title="Rests", rules=Rules()))
    client = browser(nora)

    page = client.get(reverse("perks"))
    first = text(page)
    unsaid = text(client.get(reverse("perk", args=["far"])))
    sent = client.post(
        reverse("given_facts"), {"country": "SE", "birth_year": "1988", "perk": "far"}
    )
    then = text(client.get(reverse("perks")))

    assert "No perk now" in first
    assert "Your country is not set" in first
    assert "You are 3.0 points and one topic away." in first
    assert f'href="{reverse("score_try")}?to=40"' in page.content.decode()
    assert "Nearly Near" in first
    assert "Not known: Lives in one of these: Portugal" in unsaid
    assert "fit:" not in unsaid
    assert "A rule does not fit you" not in unsaid
    assert "Opens soon Later" in first
    assert "Paused for the moment." in first
    assert "This has ended." in first
    assert sent["Location"] == reverse("perk", args=["far"])
    assert "Your country is not set" not in then
    assert "This is for people in other countries." in then


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "sent",
    [{"country": "XX"}, {"birth_year": "abc"}, {"birth_year": "1899"}, {"birth_year": "2099"}],
)
def test_facts_that_cannot_be_are_refused(sent: dict[str, str]) -> None:
    client = browser(claimant())

    response = client.post(reverse("given_facts"), sent)

    assert response.status_code == 400
    assert not GivenFacts.objects.exists()


@pytest.mark.one_engine
def test_a_year_of_birth_is_that_of_somebody_of_thirteen_at_least() -> None:
    client, year = browser(claimant()), timezone.localdate().year

    pages = [
        client.post(reverse("given_facts"), {"birth_year": str(year - age)}) for age in (-1, 12, 13)
    ]

    assert [page.status_code for page in pages] == [400, 400, 302]
    assert "This year is still to come." in text(pages[0])
    assert "You would be younger than 13. Check the year, or leave it out." in text(pages[1])
    assert GivenFacts.objects.get().birth_year == year - 13


@pytest.mark.one_engine
def test_reminders_are_asked_for_and_taken_back() -> None:
    client, campaign = browser(claimant()), running()

    press(client, campaign, "remind")
    asked = text(client.get(reverse("perk", args=[campaign.slug])))
    press(client, campaign, "forget")
    soon = running(title="Soon", opens_at=timezone.now() - 6 * DAY, closes_at=timezone.now() + DAY)
    late = press(client, soon, "remind")

    assert "Do not remind me" in asked
    assert late.status_code == 409
    assert "no time to remind you" in text(late)


def test_a_waiting_person_sees_their_place_and_may_leave_it() -> None:
    campaign = running(1)
    held(browser(claimant("ahmed")), campaign)
    clients = [browser(claimant(name)) for name in ("nora", "rosa")]

    for client in clients:
        press(client, campaign, "wait")
    second = text(clients[1].get(reverse("perk", args=[campaign.slug])))
    asked = text(clients[0].get(reverse("perk_leave", args=[campaign.slug])))
    press(clients[0], campaign, "leave")
    first = text(clients[1].get(reverse("perk", args=[campaign.slug])))

    assert "You are first on the waiting list. Your place goes to whoever is behind you" in asked
    assert "You are number 2 on the waiting list." in second
    assert "A mail says so" in second
    assert "You are first on the waiting list." in first
    assert WaitingPlace.objects.filter(state="waiting").count() == 1


@pytest.mark.one_engine
def test_drafts_unknown_names_and_unknown_acts_are_nowhere() -> None:
    client, campaign = browser(claimant()), running()
    hidden = campaigns.create(draft=draft(title="Draft"), actor_id=None, now=timezone.now())
    one = held(client, campaign)

    answers = [
        client.get(reverse("perk", args=[hidden.slug])),
        press(client, hidden),
        client.get(reverse("perk", args=["no-such"])),
        press(client, campaign, "destroy"),
        client.post(mine(one, "destroy")),
        client.get(reverse("perk_picture", args=[campaign.slug, "0" * 64])),
    ]

    assert [response.status_code for response in answers] == [404] * 6


def test_home_tells_the_first_to_close_of_those_one_was_told_of_and_may_still_have(
    django_assert_num_queries: Any,
) -> None:
    nora, now = claimant(), timezone.now()
    client = browser(nora)
    last, first, untold = (
        running(title=title, rules=Rules(), closes_at=now + timedelta(days=days))
        for title, days in (("Last", 5), ("First", 4), ("Untold", 3))
    )
    for one in (last, first):
        telling.tell(campaign_id=one.pk, now=now)
    running(title="Too far", rules=Rules(score_from=90))

    home = text(client.get(reverse("home")))
    with django_assert_num_queries(10):
        client.get(reverse("home"))
    one = held(client, first)
    runs_out = text(client.get(reverse("home")))
    claim(client, one)
    then = text(client.get(reverse("home")))
    Campaign.objects.filter(pk=last.pk).update(paused_at=now)

    assert "2 are open that we told you of" in home
    assert "A perk is open that we told you of: First." in home
    assert "“First” is held for you until" in runs_out
    assert "Go on with the claim" in runs_out
    assert "1 is open that we told you of" in runs_out
    assert "Untold" not in home + then
    assert "1 is open that we told you of" in then
    assert f"{untold.planned} of {untold.planned} left" in then
    assert "None that we told you of still waits for you." in text(client.get(reverse("home")))


@pytest.mark.one_engine
def test_pages_ask_the_database_the_same_number_of_times_for_more_perks(
    django_assert_num_queries: Any,
) -> None:
    nora = claimant()
    client = browser(nora)
    first = running(rules=Rules())
    one = held(client, first)
    claim(client, one)
    for number in range(6):
        last = running(1, title=f"Perk {number}", rules=Rules())
    late = browser(claimant("ahmed"))
    client.get(reverse("home"))

    with django_assert_num_queries(16):
        client.get(reverse("perks"))
    with django_assert_num_queries(12):
        client.get(reverse("perk", args=[first.slug]))
    with django_assert_num_queries(5):
        client.get(reverse("perks_mine"))
    with django_assert_num_queries(6):
        client.get(one_url(one))
    with django_assert_num_queries(21):
        press(client, last)
    with django_assert_num_queries(14):
        press(late, last)


@pytest.mark.one_engine
def test_no_letter_and_no_page_but_its_own_holds_the_code() -> None:
    nora, campaign = claimant(), running()
    client = browser(nora)
    one = held(client, campaign)
    claim(client, one)
    client.post(mine(one, "code"))
    run_jobs(timezone.now())
    code = claims.show_code(user_id=nora.pk, ref=one.ref, now=timezone.now())

    pages = [reverse("perks"), reverse("perk", args=[campaign.slug]), reverse("notes")]
    assert all(code not in client.get(path).content.decode() for path in pages)
    assert mail.outbox
    assert all(code not in letter.body + str(letter.alternatives) for letter in mail.outbox)
