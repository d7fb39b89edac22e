"""X: the whole flow through the site, what is read and what it costs, and what refusals mean."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import access, choosing
from accounts.connectors.base import Code, ConnectorError, Kind, Meter, Post, Reading
from accounts.connectors.x import DAILY, PEOPLE, WINDOW, X
from accounts.models import Grant, NetworkSpend, Source
from scoring import jobs, work
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.x import ME, REVOKE, TOKEN, TWEETS, WHO, FakeX, Tweet, problem
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import Asked, reply

pytestmark = pytest.mark.usefixtures("insecure")

NOW = datetime.now(UTC)


@pytest.fixture
def x(settings: Any) -> Iterator[FakeX]:
    """The network, switched on at this site."""
    with FakeX() as fake:
        switch_on(settings, fake)
        yield fake


def connector(fake: FakeX) -> X:
    """Return a connector that has learnt nothing yet."""
    return X(fake.config())


def read(
    fake: FakeX, *, reach: timedelta = WINDOW, meter: Meter | None = None, by: X | None = None
) -> Reading:
    """Return what a read of the fake holds."""
    good = replace(fake.access(), meter=meter or Meter())
    return (by or connector(fake)).read(
        good, ME, since=NOW - reach, now=NOW, progress=lambda _said: None
    )


def tweet(number: int, *, days: float = 1, **more: Any) -> Tweet:
    return Tweet(f"16{number:017}", NOW - timedelta(days=days), **more)


def posts(reading: Reading) -> dict[str, Post]:
    return {post.external_id: post for post in reading.posts}


# Signing in and linking


@pytest.mark.django_db
def test_somebody_new_signs_in_and_is_asked_what_counts(x: FakeX) -> None:
    answer = walk(Client(), x)

    grant = Grant.objects.get()
    source = Source.objects.get()
    assert answer.headers["Location"] == reverse("choose", args=[grant.pk])
    assert (grant.account.provider, grant.account.uid) == ("x", ME)
    assert (source.title, source.followers) == ("Nora Lindqvist (@nora)", 214)
    assert grant.access().refresh == x.refresh_token
    assert grant.expires_at is not None
    assert timedelta(hours=1) < grant.expires_at - grant.issued_at <= timedelta(hours=2)


@pytest.mark.django_db
def test_consent_asks_for_reading_alone_and_proves_who_asks(x: FakeX) -> None:
    client = Client()

    query = begin(client, "x")
    back(client, "x", state=query["state"], code=x.code)

    (asked,) = x.server.asked(TOKEN)
    assert query["at"].startswith(x.server.url("/i/oauth2/authorize?"))
    assert set(query["scope"].split()) == {"tweet.read", "users.read", "offline.access"}
    assert query["code_challenge_method"] == "S256"
    assert (asked.form["code"], asked.form["redirect_uri"]) == (x.code, query["redirect_uri"])
    assert asked.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in asked.form


@pytest.mark.django_db
def test_a_new_handle_is_the_same_person(x: FakeX) -> None:
    walk(Client(), x)
    x.handle = "nora_l"

    walk(Client(), x)

    assert SocialAccount.objects.get().extra_data["username"] == "nora_l"


@pytest.mark.django_db
def test_saying_no_there_is_said_and_nothing_is_kept(x: FakeX) -> None:
    client = Client()
    state = begin(client, "x")["state"]

    answer = back(client, "x", state=state, error="access_denied")

    assert said(answer) == "You said no at X. Nothing was stored."
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_code_that_is_too_old_is_said_and_nothing_is_kept(x: FakeX) -> None:
    client = Client()
    state = begin(client, "x")["state"]

    answer = back(client, "x", state=state, code="half a minute old")

    assert "X does not take this key any more." in said(answer)
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_linking_is_paid_for_out_of_the_same_budget(x: FakeX, settings: Any) -> None:
    settings.NETWORKS = {"x": replace(x.config(), options=(("fields", ""), ("daily_budget", "0")))}
    client = signed_in(person())

    answer = walk(client, x)

    assert "this site spends a fixed sum on it a day. Today's is used up." in said(answer)
    assert x.bill.micro_dollars == 0
    assert not SocialAccount.objects.exists()


@pytest.mark.django_db
def test_a_protected_account_is_listed_and_cannot_be_chosen(x: FakeX) -> None:
    x.protected = True

    walk(Client(), x)

    source = Source.objects.get()
    assert not source.selectable
    assert source.reason.startswith("Its posts are protected at X")


# Keys that turn


@pytest.mark.django_db
def test_both_keys_turn_with_each_renewal_and_are_kept_together(x: FakeX) -> None:
    walk(Client(), x)
    grant = Grant.objects.get()
    before = grant.access()
    later = grant.issued_at + timedelta(hours=3)

    access.ask(grant, lambda good: connector(x).identity(good, now=later), now=later)

    after = Grant.objects.get().access()
    assert (after.token, after.refresh) == (x.token, x.refresh_token)
    assert {after.token, after.refresh}.isdisjoint({before.token, before.refresh})


@pytest.mark.django_db
def test_an_access_that_died_early_is_renewed_once_and_the_call_repeated(x: FakeX) -> None:
    walk(Client(), x)
    grant = Grant.objects.get()
    x.token = "another"

    who = access.ask(grant, lambda good: connector(x).identity(good, now=NOW), now=NOW)

    assert who.uid == ME
    assert len(x.server.asked(TOKEN)) == 2


def test_what_x_says_of_a_dead_access_is_no_error(x: FakeX) -> None:
    alive = connector(x).inspect(x.access(), now=NOW)
    dead = connector(x).inspect(replace(x.access(), token="old"), now=NOW)

    assert (alive.active, dead.active) == (True, False)
    assert dead.words == "Unauthorized: Unauthorized"


def test_ending_an_access_ends_what_renews_it_too_and_may_be_repeated(x: FakeX) -> None:
    held = x.access()

    for _ in range(2):
        connector(x).revoke(held)

    asked = [each.form["token"] for each in x.server.asked(REVOKE)]
    assert asked == ["x-refresh-0", "x-token-0"] * 2
    assert (x.token, x.refresh_token) == ("none", "none")


@pytest.mark.django_db(transaction=True)
def test_unlinking_ends_the_access_at_x(x: FakeX) -> None:
    walk(Client(), x)

    Grant.objects.get().account.delete()
    while jobs.run_next(clock=timezone.now, handlers=work.HANDLERS):
        pass

    assert (x.token, x.refresh_token) == ("none", "none")


def test_a_wrong_key_of_ours_is_not_taken_for_an_ended_access(x: FakeX) -> None:
    with pytest.raises(ConnectorError) as refused:
        X(replace(x.config(), client_secret="old")).revoke(x.access())

    assert refused.value.code == Code.APP_CONFIG


# What is read


def test_counts_come_with_each_post(x: FakeX) -> None:
    x.tweets = [tweet(1, text="Ink &amp; paper", likes=4, reposts=3, replies=2, quotes=1)]

    (post,) = read(x).posts

    assert post.counts == {Kind.LIKE: 4, Kind.REPOST: 3, Kind.REPLY: 2, Kind.QUOTE: 1}
    assert (post.text, post.language, post.kind) == ("Ink & paper", "en", "original")
    assert post.url == x.server.url(f"/i/status/{post.external_id}")


def test_nothing_written_in_the_window_is_an_empty_reading_with_followers_and_lists(
    x: FakeX,
) -> None:
    x.tweets = [tweet(1, days=120)]

    reading = read(x)

    assert (reading.posts, reading.limited) == ((), ())
    assert (reading.followers, reading.listed) == (214, 7)
    assert reading.since == NOW - WINDOW


def test_counts_x_does_not_give_are_not_known(x: FakeX) -> None:
    body = {"data": [{"id": "1", "created_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "text": "a"}]}
    x.answer(TWEETS, lambda: reply(body))

    (post,) = read(x).posts

    assert set(post.counts.values()) == {None}


def test_the_first_read_goes_back_no_further_than_the_window(x: FakeX) -> None:
    reading = read(x, reach=timedelta(days=180))

    (asked,) = x.server.asked(TWEETS)
    assert reading.since == NOW - WINDOW
    assert asked.query["start_time"] == f"{NOW - WINDOW:%Y-%m-%dT%H:%M:%SZ}"
    assert asked.query["exclude"] == "retweets"


def test_every_page_is_read_and_none_twice(x: FakeX) -> None:
    x.tweets = [tweet(number, days=number / 4) for number in range(250)]

    reading = read(x)

    assert len(reading.posts) == 250
    assert len(x.server.asked(TWEETS)) == 3


def test_more_posts_than_are_paid_for_are_said(x: FakeX) -> None:
    x.tweets = [tweet(number, days=number / 10) for number in range(600)]

    reading = read(x)

    assert reading.limited == ("Only your newest 500 posts: X charges for each.",)
    assert reading.since == min(post.created_at for post in reading.posts)
    assert not reading.cut


def test_what_its_author_answered_or_quoted_is_taken_out(x: FakeX) -> None:
    x.tweets = [
        tweet(1, days=3, replies=2, quotes=1),
        tweet(2, days=2, refers=("replied_to", tweet(1).id), answers=ME),
        tweet(3, days=1, refers=("quoted", tweet(1).id)),
        tweet(4, days=1, refers=("replied_to", "77"), answers="8"),
        tweet(5, days=1, refers=("retweeted", "78")),
    ]

    reading = read(x)

    found = posts(reading)
    assert found[tweet(1).id].counts[Kind.REPLY] == 1
    assert found[tweet(1).id].counts[Kind.QUOTE] == 0
    assert [found[tweet(number).id].kind for number in (2, 3, 4)] == ["original"] * 2 + ["reply"]
    assert tweet(5).id not in found


def test_posts_of_others_are_never_returned(x: FakeX) -> None:
    x.tweets = [tweet(1), tweet(2, author="5"), tweet(3, refers=("retweeted", "4"))]
    x.answer(TWEETS, lambda: x.page(x.tweets))

    reading = read(x)

    assert posts(reading).keys() == {tweet(1).id}
    assert reading.left_out["reposts_of_others"] == 2


def test_an_account_that_was_protected_meanwhile_is_not_read(x: FakeX) -> None:
    x.protected = True

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert refused.value.code == Code.WRONG_ACCOUNT_TYPE
    assert not x.server.asked(TWEETS)


def test_a_circle_of_pages_is_left(x: FakeX) -> None:
    body = {
        "data": [{"id": "1", "created_at": "2026-11-01T00:00:00Z"}],
        "meta": {"next_token": "a"},
    }
    x.answer(TWEETS, lambda: reply(body))

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert refused.value.code == Code.CONTRACT


def test_posts_that_x_says_are_gone_are_left_out_and_the_rest_is_read(x: FakeX) -> None:
    x.problems = [{"resource_type": "tweet", "type": "https://x/resource-not-found", "detail": "-"}]

    reading = read(x)

    assert len(reading.posts) == 3
    assert reading.left_out["not_shown"] == 1


def test_a_list_with_holes_does_not_pass_for_a_whole_one(x: FakeX) -> None:
    x.problems = [
        {"resource_type": "tweet", "type": "https://x/about:blank", "detail": "Try later"}
    ]

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert (refused.value.code, refused.value.raw) == (Code.TRANSIENT, "Try later")


def test_the_newest_posts_can_be_compared_with_those_we_hold(x: FakeX) -> None:
    x.tweets = [tweet(number, days=number) for number in range(1, 40)]

    newest = connector(x).newest(x.access(), ME, now=NOW)

    assert [post.external_id for post in newest] == [tweet(n).id for n in range(1, 11)]


# Its two vocabularies


@pytest.mark.parametrize("set_to", ["tweet.fields", "post.fields", ""])
def test_either_vocabulary_is_read_and_learnt_once(x: FakeX, set_to: str) -> None:
    x.vocabulary = "post.fields"
    x.tweets = [tweet(1, reposts=7), tweet(2, refers=("replied_to", tweet(1).id), answers=ME)]
    options = (("fields", set_to), ("daily_budget", "5"))
    learnt = X(replace(x.config(), options=options))

    first, second = read(x, by=learnt), read(x, by=learnt)

    refused = 0 if set_to == "post.fields" else 1
    assert len(x.server.asked(TWEETS)) == 2 + refused
    assert first.posts == second.posts
    assert posts(first)[tweet(1).id].counts[Kind.REPOST] == 7


def test_names_that_x_never_had_are_not_tried_for_ever(x: FakeX) -> None:
    x.vocabulary = "neither"
    x.answer(TWEETS, lambda: problem("invalid-request", "[tweet.fields] [post.fields]", status=400))

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert refused.value.code == Code.CONTRACT
    assert len(x.server.asked(TWEETS)) == 2


@pytest.mark.parametrize("odd_value", [5, True, ["tweet.fields"], "tweet.fields"])
def test_a_refusal_that_names_parameters_in_an_odd_form_is_one_nobody_knows(
    x: FakeX, odd_value: object
) -> None:
    x.answer(TWEETS, lambda: reply({"errors": [{"parameters": odd_value}]}, status=400))

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert refused.value.code == Code.CONTRACT
    assert len(x.server.asked(TWEETS)) == 1


# Who passed posts on


def test_who_reposted_and_quoted_is_read_by_name_with_their_followers(x: FakeX) -> None:
    x.tweets = [tweet(1)]
    x.repost(x.tweets[0], "11", "12", ME)
    x.quote(x.tweets[0], tweet(90, days=0.5, author="13"))

    reading = read(x)

    acts = {(act.kind, act.actor_id): act for act in reading.interactions}
    assert acts.keys() == {(Kind.REPOST, "11"), (Kind.REPOST, "12"), (Kind.QUOTE, "13")}
    assert acts[Kind.REPOST, "11"].actor_followers == 214
    assert acts[Kind.REPOST, "11"].at == reading.posts[0].created_at
    assert acts[Kind.QUOTE, "13"].at == (NOW - timedelta(days=0.5)).replace(microsecond=0)


def test_names_are_asked_for_up_to_a_number_and_the_rest_is_counted(x: FakeX) -> None:
    x.tweets = [tweet(1), tweet(2), tweet(3, days=30)]
    x.repost(x.tweets[0], *(str(number) for number in range(100, 130)))
    x.repost(x.tweets[1], "11", "12")
    x.repost(x.tweets[2], "13")

    reading = read(x)

    assert len(reading.interactions) == PEOPLE
    assert reading.left_out["people"] == 12
    assert x.bill.users == 1 + PEOPLE


def test_the_daily_read_asks_for_no_names(x: FakeX) -> None:
    x.repost(x.tweets[0], "11")

    reading = read(x, reach=DAILY)

    assert reading.interactions == ()


# Money


def test_what_x_bills_is_what_is_counted(x: FakeX) -> None:
    x.tweets = [tweet(number, days=number / 4) for number in range(130)]
    x.repost(x.tweets[0], "11", "12")
    x.quote(x.tweets[0], tweet(900, author="13"))
    meter = Meter()

    read(x, meter=meter)

    assert meter.used == x.bill.micro_dollars == 131 * 5_000 + 4 * 10_000


@pytest.mark.parametrize("limit", [*range(0, 70_000, 5_000), 200_000])
def test_no_limit_is_ever_exceeded(x: FakeX, limit: int) -> None:
    x.tweets = [tweet(number, days=number / 4) for number in range(30)]
    x.repost(x.tweets[0], *(str(number) for number in range(11, 30)))
    meter = Meter(limit=limit)

    outcome = read_or_refused(lambda: read(x, meter=meter), now=NOW)

    assert outcome in {"read", "quota_exhausted"}
    assert x.bill.micro_dollars == meter.used <= limit


def test_a_budget_that_ends_on_the_way_keeps_what_was_paid_for(x: FakeX) -> None:
    x.tweets = [tweet(number, days=number / 4) for number in range(30)]

    reading = read(x, meter=Meter(limit=10_000 + 12 * 5_000))

    assert len(reading.posts) == 12
    assert reading.since == min(post.created_at for post in reading.posts)
    assert reading.cut
    assert reading.limited[0].startswith("Only your newest 12 posts: X charges for each")


def test_a_refusal_costs_nothing(x: FakeX) -> None:
    x.answer(TWEETS, lambda: problem("service-unavailable", "Over capacity", status=503))
    meter = Meter(limit=600_000)

    with pytest.raises(ConnectorError):
        read(x, meter=meter)

    assert meter.used == 10_000


def test_a_call_without_an_answer_stays_counted_for_it_may_be_billed(x: FakeX) -> None:
    x.server.faults[TWEETS] = "/no-answer"
    meter = Meter(limit=600_000)

    with pytest.raises(ConnectorError):
        read(x, meter=meter)

    assert meter.used == 510_000


def test_credit_that_is_used_up_comes_back_with_the_next_day(x: FakeX) -> None:
    x.answer(WHO, lambda: problem("credits", "Payment required", status=402))

    with pytest.raises(ConnectorError) as refused:
        read(x)

    assert refused.value.retry_at is not None
    assert NOW < refused.value.retry_at <= NOW + timedelta(days=1, hours=1)
    assert f"{refused.value.retry_at:%H:%M:%S}" == "00:00:00"


@pytest.mark.django_db
def test_listing_and_reading_through_the_site_are_written_down(x: FakeX) -> None:
    walk(Client(), x)
    grant = Grant.objects.get()

    choosing.list_targets(grant=grant, now=NOW)

    days = NetworkSpend.objects.filter(network="x")  # two, should midnight pass meanwhile
    assert sum(day.used for day in days) == x.bill.micro_dollars == 3 * 10_000
    assert not any(day.held for day in days)


# Whatever X answers


@given(data=st.data())
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_x_answers_is_read_soundly_or_refused(x: FakeX, data: st.DataObject) -> None:
    with FakeX() as fake:
        fake.repost(fake.tweets[0], "11")
        fake.quote(fake.tweets[0], tweet(90, author="13"))
        path = data.draw(st.sampled_from(sorted(set(fake.server.routes) - {TOKEN, REVOKE})))
        query = {"tweet.fields": "created_at", "max_results": "100"}
        headers = {"authorization": f"Bearer {fake.token}"}
        sound = fake.server.routes[path](Asked("GET", path, query, headers, {}))
        made = odd(data, json.loads(sound.partition(b"\r\n\r\n")[2]))
        fake.answer(path, lambda: reply(made))

        outcome = read_or_refused(lambda: read(fake), now=NOW)

    assert outcome in {"read", *(code.value for code in Code)}


RECORDINGS = Path(
    os.environ.get("KLOUTSITE_RECORDINGS", django_settings.BASE_DIR.parent / "shared/recordings")
)


def recorded(name: str) -> dict[str, Any]:
    """Return the body of a real answer; skips where there are none."""
    path = RECORDINGS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    body: dict[str, Any] = json.loads(path.read_text())["interactions"][0]["body"]
    return body


def test_a_real_account_is_understood(x: FakeX) -> None:
    body = recorded("x_get_me")
    x.answer(WHO, lambda: reply(body))

    who = connector(x).identity(x.access(), now=NOW)

    assert who.uid == body["data"]["id"]
    assert who.username == body["data"]["username"]


def test_real_posts_are_understood_as_far_as_they_were_asked_for(x: FakeX) -> None:
    body = recorded("x_get_users_tweets")
    del body["meta"]["next_token"]
    dated = [{**each, "created_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"} for each in body["data"]]
    x.answer(TWEETS, lambda: reply({**body, "data": dated}))

    reading = read(x)

    assert posts(reading).keys() == {each["id"] for each in body["data"]}


@pytest.mark.parametrize("name", ["x_get_retweeters", "x_get_liking_users"])
def test_real_lists_of_people_are_understood(x: FakeX, name: str) -> None:
    body = recorded(name)
    x.tweets = [tweet(1)]
    x.repost(x.tweets[0], "11", "12")
    x.answer(f"/2/tweets/{tweet(1).id}/retweeted_by", lambda: reply(body))

    reading = read(x)

    assert {act.actor_id for act in reading.interactions} == {each["id"] for each in body["data"]}
