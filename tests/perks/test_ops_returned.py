"""What a campaign returned, for operators and for the brand; parcels, waiting, and a preview."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import cases, handles
from accounts.models import Case, User
from perks import campaigns, claims, exporting, overview, posts, replies, returned, waiting
from perks.acts import note
from perks.campaigns import Asked
from perks.eligibility import Rules
from perks.models import Campaign, CampaignAct, CampaignEvent, Claim, NamedPost
from perks.refusals import No, Refused
from scoring.models import Actor, Interaction, Post, Tally
from tests.perks.scenes import campaign_of, claimant, draft
from tests.perks.test_ops_perks import operator
from tests.scoring.builders import NOW, source_of

pytestmark = pytest.mark.django_db
Learns = Campaign.Learns
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def claimed(user: User, campaign: Campaign, **more: Any) -> Claim:
    """Return what somebody claimed."""
    held = claims.hold(user_id=user.pk, campaign_id=campaign.pk, key=user.username, now=NOW)
    return claims.claim(user_id=user.pk, ref=held.ref, now=NOW, **more)


def a_post(user: User, url: str = "https://maps.example/1") -> Post:
    """Return a post that two people liked, five by count, and one of them replied to."""
    source = source_of(user)
    post = Post.objects.create(source=source, external_id=url, created_at=NOW, url=url)
    for name in ("ann", "ben"):
        actor = Actor.objects.create(network="sandbox", key=name)
        kinds = ("like", "reply") if name == "ann" else ("like",)
        for kind in kinds:
            Interaction.objects.create(
                source=source, post=post, actor=actor, kind=kind, external_id=url, at=NOW
            )
    Tally.objects.create(post=post, kind="like", at=NOW, seen_at=NOW, delta=5)
    return post


def busy() -> Campaign:
    """Return a campaign that six saw and two claimed, one of whom said and wrote something."""
    campaign = campaign_of(learns=(Learns.NAME, Learns.ANSWERS), questions=(Asked("Which paper?"),))
    people = [claimant(f"p{number}") for number in range(6)]
    for person in people:
        replies.saw(
            user_id=person.pk, campaign_ids=[campaign.pk], kind=CampaignEvent.Kind.SEEN, now=NOW
        )
        replies.saw(
            user_id=person.pk,
            campaign_ids=[campaign.pk],
            kind=CampaignEvent.Kind.SEEN,
            now=NOW - timedelta(days=1),
        )
    for person in people[:2]:
        replies.saw(
            user_id=person.pk, campaign_ids=[campaign.pk], kind=CampaignEvent.Kind.OPENED, now=NOW
        )
    question = campaign.questions.get()
    first = claimed(people[0], campaign, answers={question.pk: "=1+1"})
    claimed(people[1], campaign)
    claims.mark_redeemed(user_id=people[0].pk, ref=first.ref, now=NOW)
    replies.rate(user_id=people[0].pk, ref=first.ref, stars=4, words="Good paper", now=NOW)
    post = a_post(people[0])
    posts.name(user_id=people[0].pk, ref=first.ref, address=post.url, now=NOW)
    return campaign


def test_what_came_of_a_campaign_is_counted_by_day_and_people_once() -> None:
    campaign = busy()

    got = returned.returned(campaign)

    yesterday, today = got.days
    assert (got.seen, got.opened, got.claimed, got.redeemed) == (6, 2, 2, 1)
    assert (got.said, got.stars) == (1, 4.0)
    assert (yesterday.seen, yesterday.opened, yesterday.claimed) == (6, 0, 0)
    assert (today.seen, today.opened, today.claimed, today.redeemed) == (6, 2, 2, 1)
    assert [(one.reactions, one.reached) for one in got.posts] == [(6, 2)]


def test_the_report_draws_each_day_and_has_a_table_and_files() -> None:
    campaign, client = busy(), operator()

    page = client.get(reverse("ops_perk_report", args=[campaign.pk])).content.decode()
    days = b"".join(client.get(reverse("ops_perk_days", args=[campaign.pk]))).decode()  # type: ignore[call-overload]
    listed = b"".join(client.post(reverse("ops_perk_claims", args=[campaign.pk]))).decode()  # type: ignore[call-overload]

    assert 'class="static"' in page
    assert "figure-history" in page
    assert "https://maps.example/1" in page
    assert "Good paper" in page
    assert days.splitlines()[2] == "2026-11-21,6,2,2,1"
    assert listed.splitlines() == [
        "claim,state,claimed_on,used_on,parcel,name,Which paper?",
        "1,redeemed,2026-11-21,2026-11-21,,P0,'=1+1",
        "2,claimed,2026-11-21,,,P1,",
    ]
    assert "50.4" not in listed
    assert CampaignAct.objects.filter(act="export", actor__username="otto").exists()


def test_who_is_not_to_be_known_is_not_in_the_list_of_claims() -> None:
    campaign, client = campaign_of(), operator()
    claimed(claimant("nora"), campaign)

    answer = client.post(reverse("ops_perk_claims", args=[campaign.pk]))

    listed = b"".join(answer).decode()  # type: ignore[call-overload]
    assert "nora" not in listed.casefold()
    assert len(listed.splitlines()) == 2


def test_the_brand_reads_few_numbers_at_an_address_that_ends() -> None:
    campaign, client = busy(), operator()
    change = reverse("ops_perk_report_address", args=[campaign.pk])
    brand = Client()

    first = client.post(change, follow=True).content.decode()
    campaign.refresh_from_db()
    address = reverse("perk_report", args=[campaign.report_secret])
    page = brand.get(address)
    with time_machine.travel(campaign.closes_at + timedelta(days=90, seconds=1), tick=False):
        late = brand.get(address)
    second = client.post(change, follow=True).content.decode()
    replaced = brand.get(address)
    campaign.refresh_from_db()
    client.post(change, {"end": "1"})
    ended = brand.get(reverse("perk_report", args=[campaign.report_secret]))

    text = page.content.decode()
    assert "There is an address now." in first
    assert "The one of before has ended." in second
    assert page.status_code == 200
    assert "fewer than 5" in text
    assert "4.0 of 5" not in text
    assert re.search(r"Reactions to these posts\s*</\w+>\s*<[^>]+>\s*–", text)
    assert not [name for name in ("P0", "P1", "Good paper", "maps.example") if name in text]
    assert page["Cache-Control"] == "no-store"
    assert (late.status_code, replaced.status_code, ended.status_code) == (404, 404, 404)


def test_only_a_post_of_their_own_that_we_read_can_be_named_and_taken_back() -> None:
    campaign = campaign_of()
    nora, bea = claimant("nora"), claimant("bea")
    mine, other = claimed(nora, campaign), a_post(bea)
    post = a_post_of_many(nora)

    with pytest.raises(Refused) as foreign:
        posts.name(user_id=nora.pk, ref=mine.ref, address=other.url, now=NOW)
    named = [
        posts.name(user_id=nora.pk, ref=mine.ref, address=f"  {one.url} ", now=NOW)
        for one in [*post[:5], post[0]]
    ]
    with pytest.raises(Refused) as many:
        posts.name(user_id=nora.pk, ref=mine.ref, address=post[5].url, now=NOW)
    with pytest.raises(Refused):
        posts.withdraw(user_id=bea.pk, ref=mine.ref, named_id=named[0].pk)
    posts.withdraw(user_id=nora.pk, ref=mine.ref, named_id=named[0].pk)

    with pytest.raises(Refused) as older:
        posts.name(user_id=nora.pk, ref=mine.ref, address=a_post_before(nora).url, now=NOW)

    assert older.value.no is No.POST_OLDER
    assert foreign.value.no is No.NO_SUCH_POST
    assert many.value.no is No.POSTS_ENOUGH
    assert named[5] == named[0]
    assert NamedPost.objects.count() == 4


def a_post_before(user: User) -> Post:
    """Return a post that somebody wrote before they claimed."""
    url = "https://many.example/before"
    return Post.objects.create(
        source=source_of(user, "Before"),
        external_id=url,
        created_at=NOW - timedelta(days=9),
        url=url,
    )


def a_post_of_many(user: User) -> list[Post]:
    """Return six posts of somebody."""
    source = source_of(user, "Many")
    urls = [f"https://many.example/{number}" for number in range(6)]
    return [
        Post.objects.create(source=source, external_id=url, created_at=NOW, url=url) for url in urls
    ]


def test_a_post_is_named_on_the_page_of_a_claim_and_taken_back_there() -> None:
    nora, campaign, client = claimant("nora"), campaign_of(), Client()
    mine, post = claimed(nora, campaign), a_post(nora)
    client.force_login(nora)
    act = {name: reverse("perk_mine_act", args=[mine.ref, name]) for name in ("post", "post-back")}

    refused = client.post(act["post"], {"address": "https://elsewhere.example/"})
    named = client.post(act["post"], {"address": post.url}, follow=True).content.decode()
    number = NamedPost.objects.get().pk
    client.post(act["post-back"], {"named": "many"})
    kept = NamedPost.objects.count()
    client.post(act["post-back"], {"named": str(number)})

    assert refused.status_code == 409
    assert "That is the address of none of your posts" in refused.content.decode()
    assert "https://elsewhere.example/" in refused.content.decode()
    assert post.url in named
    assert (kept, NamedPost.objects.count()) == (1, 0)


def test_a_parcel_is_moved_on_step_by_step_and_its_address_goes() -> None:
    campaign, client = campaign_of(delivery=Campaign.Delivery.PARCEL), operator()
    one = claimed(claimant("nora"), campaign, address="Nora\n1 Harbour Road")
    listed = reverse("ops_perk_parcels", args=[campaign.pk])
    step = reverse("ops_perk_ship", args=[campaign.pk, one.pk])

    before = client.get(listed).content.decode()
    odd = client.post(step, {"to": "arrived"}, follow=True).content.decode()
    sent = client.post(step, {"to": "sent", "tracking": "PT 42"}, follow=True).content.decode()
    client.post(step, {"to": "arrived"})
    after = client.get(listed, {"show": "all"}).content.decode()

    assert "1 Harbour Road" in before
    assert "A parcel cannot go from there to that." in odd
    assert "The parcel is moved on." in sent
    assert "Nothing to send." in sent
    assert "PT 42" in after
    assert "Harbour Road" not in after


def test_a_campaign_is_seen_as_a_chosen_person_would_and_that_is_written_down() -> None:
    campaign, client = campaign_of(rules=Rules(score_from=60)), operator()
    nora = claimant("nora", 50.4)
    address = reverse("ops_perk_preview", args=[campaign.pk])

    empty = client.get(address)
    unknown = client.post(address, {"person": "nobody\x00 here"})
    page = client.post(address, {"person": "nora"}).content.decode()

    assert empty.status_code == 200
    assert unknown.status_code == 400
    assert "Nobody here has this handle" in unknown.content.decode()
    assert "It is not open to Nora." in page
    assert "Score 60 or more" in page
    assert "Their page says: “You are 9.6 points away.”" in page
    assert "Nora: 50.4" in page
    assert "You: " not in page
    assert CampaignAct.objects.get(act="preview").details == {"person": nora.pk}


@pytest.mark.one_engine
def test_a_draft_is_looked_at_again_once_it_was_changed() -> None:
    made = campaigns.create(draft=draft(), actor_id=None, now=NOW)

    def step() -> str:
        return overview.next_step(made, overview.standings([made.pk])[made.pk], NOW)

    unseen = step()
    note(made, None, "preview", NOW + HOUR)
    seen = step()
    note(made, None, "edit", NOW + 2 * HOUR)

    assert (unseen, seen) == ("Look at it as somebody, then publish it.", "Publish it.")
    assert step() == unseen


def test_who_waits_and_whose_problem_is_open_are_listed_with_their_place() -> None:
    campaign, client = campaign_of(units=1), operator()
    mine = claimed(claimant("nora"), campaign)
    for name in ("bea", "cleo"):
        waiting.join(user_id=claimant(name).pk, campaign_id=campaign.pk, now=NOW)
    claims.report_problem(
        user_id=mine.user_id or 0, ref=mine.ref, text="The till does not know it.", now=NOW
    )

    page = client.get(reverse("ops_perk_waiting", args=[campaign.pk])).content.decode()
    case = Case.objects.get()
    otto = User.objects.get(username="otto")
    before = overview.standings([campaign.pk])[campaign.pk].problems
    cases.reply(case=case, author=otto, text="Try it now.", now=NOW, by_operator=True)

    assert page.index("Bea") < page.index("Cleo")
    assert reverse("ops_case", args=[case.pk]) in page
    assert (before, overview.standings([campaign.pk])[campaign.pk].problems) == (1, 0)


def test_these_pages_are_staff_only() -> None:
    campaign, client = campaign_of(), Client()
    client.force_login(User.objects.create_user("bob"))
    gets = ["preview", "parcels", "waiting", "report", "days"]
    posts_to = ["preview", "claims", "report_address"]

    answers = [client.get(reverse(f"ops_perk_{name}", args=[campaign.pk])) for name in gets]
    answers += [client.post(reverse(f"ops_perk_{name}", args=[campaign.pk])) for name in posts_to]
    answers.append(client.post(reverse("ops_perk_ship", args=[campaign.pk, 1])))

    assert {answer.status_code for answer in answers} == {404}


def test_the_report_asks_as_much_however_many_took_part(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    campaign = busy()

    with django_assert_num_queries(10):
        returned.returned(campaign)


@pytest.mark.one_engine
def test_the_brand_reads_a_name_or_a_handle_and_never_a_user_name() -> None:
    campaign = campaign_of(learns=(Campaign.Learns.NAME.value,))
    names = ("nora", "bea", "cleo")
    people = {name: claimant(name) for name in names}
    User.objects.filter(username__in=["bea", "cleo"]).update(display_name="")
    handles.take(people["bea"], "bea_here", now=NOW)
    for name in names:
        claimed(people[name], campaign)

    told = [row[-1] for row in exporting.rows(campaign)]

    assert told == ["Nora", "@bea_here", ""]
