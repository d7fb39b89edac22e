"""GitHub: the whole flow through the site, what is read, and what its answers may look like."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import connectors
from accounts.connectors import github_read
from accounts.connectors.base import Code, ConnectorError, Kind, Post, Reading
from accounts.models import Grant, Source, User
from tests.accounts.builders import person, signed_in
from tests.accounts.fakes.github import FakeGitHub, who
from tests.accounts.mutations import odd, read_or_refused
from tests.accounts.walks import back, begin, said, switch_on, walk
from tests.fault_server import reply

pytestmark = pytest.mark.usefixtures("insecure")


@pytest.fixture
def github(settings: Any) -> Iterator[FakeGitHub]:
    """The network, switched on at this site."""
    with FakeGitHub() as fake:
        switch_on(settings, fake)
        yield fake


def read(fake: FakeGitHub, *, days: int = 90) -> Reading:
    """Return what a read of the fake holds."""
    since = fake.now - timedelta(days=days)
    connector, access = fake.connector(), fake.access()
    return connector.read(access, "7", since=since, now=fake.now, progress=lambda _said: None)


def acts(reading: Reading) -> set[tuple[str, str]]:
    """Return (kind, who) of everything that was done."""
    return {(act.kind.value, act.actor_id) for act in reading.interactions}


def posts(reading: Reading) -> dict[str, Post]:
    """Return the posts by the first word of their text."""
    return {post.text.partition(":")[0]: post for post in reading.posts}


# Signing in and linking


@pytest.mark.django_db
def test_somebody_new_signs_in_and_is_asked_what_counts(github: FakeGitHub) -> None:
    client = Client()

    answer = walk(client, github)

    grant = Grant.objects.get()
    assert answer.headers["Location"] == reverse("choose", args=[grant.pk])
    assert (grant.account.provider, grant.account.uid) == ("github", "7")
    assert client.session["_auth_user_id"] == str(grant.account.user_id)
    assert grant.account.user.email == ""
    assert Source.objects.get().title == "Nora Fields (@nora)"
    assert Source.objects.get().followers == 41


@pytest.mark.django_db
def test_somebody_signed_in_links_and_stays_the_same_person(github: FakeGitHub) -> None:
    ada = person()

    walk(signed_in(ada), github)

    assert SocialAccount.objects.get().user == ada
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_new_name_at_github_is_the_same_person(github: FakeGitHub) -> None:
    walk(Client(), github)
    github.account["login"] = "nora-fields"

    walk(Client(), github)

    account = SocialAccount.objects.get()
    assert account.uid == "7"
    assert account.extra_data["username"] == "nora-fields"


@pytest.mark.django_db
def test_consent_asks_for_no_permission_and_takes_the_verifier_along(github: FakeGitHub) -> None:
    client = Client()

    query = begin(client, "github")
    back(client, "github", state=query["state"], code=github.code)

    form = github.server.asked("/login/oauth/access_token")[0].form
    assert query["at"].startswith(github.server.url("/login/oauth/authorize?"))
    assert "scope" not in query
    assert query["client_id"] == "ours"
    assert (form["code"], form["redirect_uri"]) == (github.code, query["redirect_uri"])
    assert len(form["code_verifier"]) >= 43


@pytest.mark.django_db
def test_a_refused_code_is_said_and_nothing_is_kept(github: FakeGitHub) -> None:
    client = Client()
    state = begin(client, "github")["state"]

    answer = back(client, "github", state=state, code="used-code")

    assert "its code was used already or is older than 10 minutes." in said(answer)
    assert not SocialAccount.objects.exists()


# What GitHub says of an access


def test_github_is_asked_about_the_token_in_the_name_of_the_site(github: FakeGitHub) -> None:
    alive = github.connector().inspect(github.access(), now=github.now)
    github.alive.clear()
    dead = github.connector().inspect(github.access(), now=github.now)

    assert (alive.active, alive.scopes) == (True, ())
    assert (dead.active, dead.words) == (False, "Not Found")


def test_ending_an_access_ends_this_token_alone_and_may_be_repeated(github: FakeGitHub) -> None:
    github.alive.add("another")

    for _ in range(2):
        github.connector().revoke(github.access())

    assert github.alive == {"another"}


@pytest.mark.parametrize("what", ["inspect", "revoke"])
def test_a_wrong_key_of_ours_is_not_taken_for_an_ended_access(
    github: FakeGitHub, what: str
) -> None:
    connector = connectors.connector_for(replace(github.config(), client_secret="old"))
    ask = {
        "inspect": lambda: connector.inspect(github.access(), now=github.now),
        "revoke": lambda: connector.revoke(github.access()),
    }

    with pytest.raises(ConnectorError) as refused:
        ask[what]()

    assert refused.value.code == Code.APP_CONFIG


def test_a_key_that_ends_is_renewed(github: FakeGitHub) -> None:
    github.tokens |= {"access_token": "new", "refresh_token": "next", "expires_in": 28_800}

    tokens = github.connector().refresh(github.access(), now=github.now)

    assert (tokens.token, tokens.refresh) == ("new", "next")
    assert tokens.lasts == timedelta(hours=8)


def test_a_key_without_an_end_cannot_be_renewed(github: FakeGitHub) -> None:
    with pytest.raises(ConnectorError) as refused:
        github.connector().refresh(replace(github.access(), refresh=""), now=github.now)

    assert refused.value.code == Code.EXPIRED


def test_the_clock_of_github_is_that_of_its_answers(github: FakeGitHub) -> None:
    github.answer("/api/rate_limit", lambda: reply({}, Date="Sat, 21 Nov 2026 09:00:00 GMT"))

    clock = github.connector().server_time(github.access(), now=github.now)

    assert clock == datetime.fromisoformat("2026-11-21T09:00:00+00:00")


# What is read


def test_stars_forks_issues_and_comments_come_with_who_and_when(github: FakeGitHub) -> None:
    github.repo("tiles", issues=[("21", 4)], comments=[("22", 3), ("22", 2)])

    reading = read(github)

    assert acts(reading) == {
        ("like", "11"), ("like", "12"), ("repost", "13"), ("reply", "21"), ("reply", "22"),
    }  # fmt: skip
    assert len(reading.interactions) == 6
    assert {act.at for act in reading.interactions if act.actor_id == "11"} == {
        datetime.fromisoformat(github.ago(2))
    }
    assert reading.followers == 41


def test_a_repository_is_a_post_with_name_description_and_counts(github: FakeGitHub) -> None:
    (post,) = read(github).posts

    assert post.text == "maps: About maps"
    assert post.url == "https://github.com/nora/maps"
    assert post.counts == {Kind.LIKE: 2, Kind.REPOST: 1}


def test_an_old_repository_counts_when_it_is_starred_or_pushed_to_today(
    github: FakeGitHub,
) -> None:
    github.repo("starred", days=900, pushed=800, stars=[("30", 500), ("31", 1)])
    github.repo("pushed", days=900, pushed=3)
    github.repo("asleep", days=900, pushed=800, stars=[("32", 500)])

    reading = read(github)

    assert posts(reading).keys() == {"maps", "starred", "pushed"}
    assert ("like", "31") in acts(reading)
    assert not {("like", "30"), ("like", "32")} & acts(reading)


def test_stars_are_read_from_the_newest_back_and_no_further_than_wanted(
    github: FakeGitHub,
) -> None:
    many = [(str(number), 200 - number // 4) for number in range(700)]
    github.repo("known", days=900, pushed=800, stars=many)

    reading = read(github)

    asked = github.server.asked("/api/repos/nora/known/stargazers")
    assert [request.query["page"] for request in asked] == ["7", "6", "5"]
    assert len([act for act in reading.interactions if act.post_id == "1001"]) == sum(
        days < 90 for _, days in many
    )


def test_beyond_forty_thousand_stars_only_the_number_counts_and_that_is_said(
    github: FakeGitHub,
) -> None:
    github.repo("famous", stars=[("11", 1)], stargazers_count=40_001)

    reading = read(github)

    assert posts(reading)["famous"].counts[Kind.LIKE] == 40_001
    assert any("more than 40,000" in words for words in reading.limited)
    assert not github.server.asked("/api/repos/nora/famous/stargazers")


def test_what_the_person_and_programs_did_does_not_count(github: FakeGitHub) -> None:
    github.repo("own", stars=[("7", 1), ("12", 2)], issues=[("b90", 1), ("7", 2)])

    reading = read(github)

    own = posts(reading)["own"]
    assert {act.actor_id for act in reading.interactions if act.post_id == own.external_id} == {
        "12"
    }
    assert own.counts[Kind.LIKE] == 1
    assert (reading.left_out["own_reactions"], reading.left_out["bot"]) == (1, 1)


def test_copies_and_repositories_of_others_are_left_out_and_counted(github: FakeGitHub) -> None:
    github.repo("copied", fork=True)
    github.repo("private", private=True)
    github.repo("theirs", owner={"id": 8})

    reading = read(github)

    assert posts(reading).keys() == {"maps"}
    assert (reading.left_out["copy"], reading.left_out["not_own"]) == (1, 2)


def test_a_deleted_account_says_nothing(github: FakeGitHub) -> None:
    github.repo("tiles")
    github.lists["/api/repos/nora/tiles/issues"].append(
        {"id": 5, "user": None, "created_at": github.ago(1)}
    )

    reading = read(github)

    assert reading.left_out["no_account"] == 1


def test_counts_github_does_not_give_are_not_known(github: FakeGitHub) -> None:
    github.repo("quiet", stargazers_count=None, forks_count="many")

    assert posts(read(github))["quiet"].counts == {Kind.LIKE: None, Kind.REPOST: None}


def test_every_page_of_repositories_is_read(github: FakeGitHub) -> None:
    for number in range(149):
        github.repo(f"r{number}")

    assert len(read(github).posts) == 150


def test_a_read_cut_short_says_so_and_from_when_it_is_whole(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_read, "REPO_PAGES", 1)
    for number in range(120):
        github.repo(f"r{number}", days=number // 2)

    reading = read(github)

    assert reading.limited[0] == "Only your newest 100 repositories were read."
    assert reading.since == min(post.created_at for post in reading.posts)


def test_a_budget_of_calls_is_kept_and_said(
    github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_read, "CALLS", 3)
    github.repo("tiles", stars=[("40", 1)], forks=[("41", 1)])

    reading = read(github)

    assert reading.pages == 2 + 3
    assert reading.limited[0].startswith("Who reacted was read for 3 of 8 lists;")


def test_a_limit_on_the_way_keeps_what_was_read(github: FakeGitHub) -> None:
    github.answer(
        "/api/repos/nora/maps/forks",
        lambda: reply({"message": "You have exceeded a secondary rate limit"}, status=403),
    )

    reading = read(github)

    assert acts(reading) == {("like", "11"), ("like", "12")}
    assert reading.limited[0].startswith("Who reacted was read for 1 of 4 lists")


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, "Not Found"), (410, "Issues are disabled for this repo"), (451, "Blocked"),
     (403, "Resource protected by organization SAML enforcement.")],
)  # fmt: skip
def test_a_closed_list_is_passed_over_and_counted(
    github: FakeGitHub, status: int, message: str
) -> None:
    github.answer("/api/repos/nora/maps/issues", lambda: reply({"message": message}, status=status))

    reading = read(github)

    assert reading.left_out["closed_list"] == 1
    assert ("like", "11") in acts(reading)


def test_the_next_page_is_looked_for_on_github_alone(github: FakeGitHub) -> None:
    elsewhere = '<https://evil.example/api/users/nora/repos?page=2>; rel="next"'
    github.answer("/api/users/nora/repos", lambda: reply(github.repos, Link=elsewhere))

    with pytest.raises(ConnectorError) as refused:
        read(github)

    assert refused.value.code == Code.CONTRACT
    assert "another host" in str(refused.value)


def test_a_list_that_leads_in_circles_ends(github: FakeGitHub) -> None:
    again = f'<{github.server.url("/api/users/nora/repos?page=2")}>; rel="next"'
    github.answer("/api/users/nora/repos", lambda: reply(github.repos, Link=again))

    with pytest.raises(ConnectorError) as refused:
        read(github)

    assert "again and again" in str(refused.value)


@pytest.mark.parametrize("name", ["..", "a/b", "a?b", "é", ""])
def test_a_name_that_leads_elsewhere_is_not_put_into_a_path(github: FakeGitHub, name: str) -> None:
    github.repos[0]["name"] = name

    with pytest.raises(ConnectorError) as refused:
        read(github)

    assert refused.value.code == Code.CONTRACT


def test_the_newest_are_shown_with_the_counts_of_now(github: FakeGitHub) -> None:
    for number in range(30):
        github.repo(f"r{number}")

    newest = github.connector().newest(github.access(), "7", now=github.now)

    assert len(newest) == 20
    assert newest[0].counts == {Kind.LIKE: 2, Kind.REPOST: 1}


def test_somebody_without_a_repository_can_choose_and_is_told(github: FakeGitHub) -> None:
    github.repos.clear()

    (target,) = github.connector().targets(github.access(), now=github.now)

    assert target.selectable
    assert target.reason == "There is no public repository of your own yet."
    assert (target.posts_90d, target.last_post_at) == (0, None)


@given(draw=st.data())
@examples(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_github_answers_is_a_sound_reading_or_an_error_in_words(
    github: FakeGitHub, draw: st.DataObject
) -> None:
    stars = "/api/repos/nora/maps/stargazers"
    answers = {"/api/user": github.account, "/api/users/nora/repos": github.repos}
    answers |= {stars: github.lists[stars]}
    answers |= {"/api/repos/nora/maps/issues": [{"id": 5, "user": who("21"), "created_at": "now"}]}
    path = draw.draw(st.sampled_from(sorted(answers)))
    changed = odd(draw, answers[path])
    before = github.server.routes[path]
    github.answer(path, lambda: reply(changed))

    came = read_or_refused(lambda: read(github), now=github.now)

    github.server.routes[path] = before
    assert came in {"read", Code.CONTRACT, Code.SOURCE_NOT_GRANTED, Code.GONE}
