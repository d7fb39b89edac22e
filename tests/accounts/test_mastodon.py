"""Reading a Mastodon server: posts, counts, people, and every way it can go wrong."""

import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.connectors.base import Access, Code, ConnectorError, Interaction, Kind, Post, Reading
from accounts.connectors.mastodon import Mastodon
from accounts.connectors.mastodon_people import PEOPLE_CALLS
from accounts.connectors.mastodon_posts import POST_PAGES
from accounts.connectors.setup import Config
from tests.accounts.mastodon_server import MastodonServer, Person
from tests.fault_server import FAULTS, Asked, FaultServer, reply

connector = Mastodon(Config("mastodon"))

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ME = "/api/v1/accounts/verify_credentials"
POSTS = "/api/v1/accounts/1/statuses"
NOTES = "/api/v1/notifications"
LIKED = "/api/v1/statuses/10/favourited_by"


# Against a real server


def access_of(server: MastodonServer, person: Person, *scopes: str) -> Access:
    return Access(person.token, person.id, server=server.base, scopes=scopes)


def read(access: Access, *, said: list[str] | None = None) -> Reading:
    now = timezone.now() + timedelta(seconds=5)
    progress = (said if said is not None else []).append
    return connector.read(
        access, access.account_id, since=now - timedelta(days=90), now=now, progress=progress
    )


def of_kind(reading: Reading, kind: Kind) -> list[Interaction]:
    return [one for one in reading.interactions if one.kind == kind]


def test_a_read_returns_posts_with_counts_and_who_reacted(mastodon: MastodonServer) -> None:
    nora, ada, bob = (mastodon.person(name) for name in ("nora", "ada", "bob"))
    post = mastodon.post(nora, "Maps & <b>more</b>", language="en")
    mastodon.react(ada, post, "favourite")
    mastodon.react(bob, post, "favourite")
    mastodon.react(bob, post, "reblog")
    answer = mastodon.post(ada, f"@{nora.username} thanks", in_reply_to_id=post)
    mastodon.follow(bob, nora)
    said: list[str] = []

    reading = read(access_of(mastodon, nora), said=said)

    (only,) = reading.posts
    assert (only.external_id, only.kind, only.language) == (post, "original", "en")
    assert only.text == "Maps & <b>more</b>"
    assert only.counts[Kind.LIKE] == 2
    assert only.counts[Kind.REPOST] == 1
    assert only.counts[Kind.REPLY] == 1
    host = mastodon.host
    likers = {one.actor_id for one in of_kind(reading, Kind.LIKE)}
    assert likers == {f"{ada.id}@{host}", f"{bob.id}@{host}"}
    assert [one.actor_id for one in of_kind(reading, Kind.REPOST)] == [f"{bob.id}@{host}"]
    (came_back,) = of_kind(reading, Kind.REPLY)
    assert (came_back.post_id, came_back.external_id) == (post, answer)
    assert [one.actor_id for one in of_kind(reading, Kind.FOLLOW)] == [f"{bob.id}@{host}"]
    assert reading.followers == 1
    assert reading.limited == ()
    assert said[0] == "Reading your posts, page 1"


def test_what_people_do_to_their_own_posts_does_not_count(mastodon: MastodonServer) -> None:
    nora = mastodon.person("nora")
    post = mastodon.post(nora, "First of a thread")
    mastodon.post(nora, "Second of it", in_reply_to_id=post)
    mastodon.react(nora, post, "favourite")
    mastodon.react(nora, post, "reblog")

    reading = read(access_of(mastodon, nora))

    first = next(one for one in reading.posts if one.external_id == post)
    assert [first.counts[kind] for kind in (Kind.LIKE, Kind.REPOST, Kind.REPLY)] == [0, 0, 0]
    assert {one.kind for one in reading.posts} == {"original"}
    assert reading.interactions == ()
    assert reading.left_out == {"own_reactions": 3}


def test_posts_that_are_not_public_are_left_out_and_said_to_be(mastodon: MastodonServer) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")
    mastodon.post(nora, "For all", visibility="unlisted")
    mastodon.post(nora, "For followers", visibility="private")
    mastodon.post(nora, f"@{ada.username} for you", visibility="direct")
    mastodon.post(ada, f"@{nora.username} only you", visibility="direct")

    reading = read(access_of(mastodon, nora))

    assert [post.visibility for post in reading.posts] == ["unlisted"]
    assert reading.interactions == ()
    assert reading.left_out == {"not_public": 3}


def test_boosts_of_others_are_not_own_posts_and_answers_to_others_are(
    mastodon: MastodonServer,
) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")
    theirs = mastodon.post(ada, "Something")
    mastodon.react(nora, theirs, "reblog")
    mine = mastodon.post(nora, "I think so too", in_reply_to_id=theirs)

    reading = read(access_of(mastodon, nora))

    assert [(post.external_id, post.kind) for post in reading.posts] == [(mine, "reply")]


def test_posts_are_read_page_by_page_to_the_end(mastodon: MastodonServer) -> None:
    nora = mastodon.person("nora")
    written = {mastodon.post(nora, f"Post {number}") for number in range(45)}

    reading = read(access_of(mastodon, nora))

    assert {post.external_id for post in reading.posts} == written
    assert reading.pages >= 3


def test_without_notifications_people_are_known_at_the_time_of_the_post(
    mastodon: MastodonServer,
) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")
    post = mastodon.post(nora, "Hello")
    mastodon.react(ada, post, "favourite")

    reading = read(access_of(mastodon, nora, "read:accounts", "read:statuses"))

    (like,) = reading.interactions
    assert like.at == reading.posts[0].created_at
    assert "allow notifications" in reading.limited[0]


def test_the_account_is_the_one_target(mastodon: MastodonServer) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")
    mastodon.post(nora, "One")
    mastodon.post(nora, "Two")
    mastodon.follow(ada, nora)

    (target,) = connector.targets(access_of(mastodon, nora), now=timezone.now())

    assert (target.external_id, target.kind) == (nora.id, "profile")
    assert target.title == f"{nora.username} (@{nora.username}@{mastodon.host})"
    assert (target.followers, target.posts_90d, target.selectable) == (1, 2, True)
    assert target.last_post_at is not None


def test_posts_are_not_counted_where_one_page_does_not_hold_them(mastodon: MastodonServer) -> None:
    nora = mastodon.person("nora")
    for number in range(41):
        mastodon.post(nora, f"Post {number}")

    (target,) = connector.targets(access_of(mastodon, nora), now=timezone.now())

    assert target.posts_90d is None


def test_a_revoked_token_needs_the_person(mastodon: MastodonServer) -> None:
    nora = mastodon.person("nora")
    mastodon.revoke(nora.token)

    with pytest.raises(ConnectorError) as caught:
        read(access_of(mastodon, nora))

    assert caught.value.code == Code.REVOKED


def test_an_access_for_another_account_reads_nothing(mastodon: MastodonServer) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")

    with pytest.raises(ConnectorError) as caught:
        read(Access(nora.token, ada.id, server=mastodon.base))

    assert caught.value.code == Code.SOURCE_NOT_GRANTED


def test_a_limit_before_the_posts_are_read_waits(mastodon: MastodonServer) -> None:
    nora = mastodon.person("nora")
    mastodon.break_(f"/api/v1/accounts/{nora.id}/statuses", {"type": "ratelimit"})

    with pytest.raises(ConnectorError) as caught:
        read(access_of(mastodon, nora))

    assert caught.value.code == Code.RATE_LIMITED
    assert caught.value.retry_at is not None
    wait = caught.value.retry_at - timezone.now()
    assert timedelta(minutes=4) < wait < timedelta(minutes=6)


def test_a_limit_while_names_are_read_keeps_what_is_known(mastodon: MastodonServer) -> None:
    nora, ada = mastodon.person("nora"), mastodon.person("ada")
    post = mastodon.post(nora, "Hello")
    mastodon.react(ada, post, "favourite")
    mastodon.break_(f"/api/v1/statuses/{post}/favourited_by", {"type": "ratelimit"})

    reading = read(access_of(mastodon, nora, "read:accounts", "read:statuses"))

    assert reading.posts[0].counts[Kind.LIKE] == 1
    assert reading.interactions == ()
    assert "0 of 1 lists" in reading.limited[1]


# Against a server that misbehaves


def fake_post(number: int, *, hours: float = 1, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(hours=hours)
    return {
        "id": str(number),
        "created_at": at.isoformat().replace("+00:00", "Z"),
        "visibility": "public",
        "content": "<p>Hello</p>",
        "account": {"id": "1"},
        "favourites_count": 0,
        "reblogs_count": 0,
        "replies_count": 0,
        **more,
    }


def fake_note(number: int, kind: str, by: int, *, hours: float = 1, **more: Any) -> dict[str, Any]:
    at = (NOW - timedelta(hours=hours)).isoformat()
    return {"id": str(number), "type": kind, "created_at": at, "account": {"id": str(by)}, **more}


def serve(server: FaultServer, *, posts: Any = (), notes: Any = (), liked: Any = ()) -> Access:
    """Put one account with these answers on the server and return an access to it."""
    server.routes[ME] = lambda asked: reply({"id": "1", "username": "nora", "followers_count": 5})
    server.routes[POSTS] = lambda asked: reply(posts)
    server.routes[NOTES] = lambda asked: reply(notes)
    server.routes[LIKED] = lambda asked: reply(liked)
    return Access("canary-token", "1", server=server.url())


def read_fake(access: Access, *, days: int = 90) -> Reading:
    since = NOW - timedelta(days=days)
    return connector.read(access, "1", since=since, now=NOW, progress=lambda sentence: None)


def test_only_the_window_is_read(fault_server: FaultServer) -> None:
    posts = [fake_post(12, hours=1), fake_post(11, hours=47), fake_post(10, hours=49)]
    access = serve(fault_server, posts=list(posts))

    reading = read_fake(access, days=2)

    assert [post.external_id for post in reading.posts] == ["12", "11"]
    assert reading.since == NOW - timedelta(days=2)


def test_a_notification_dates_what_the_list_only_names(fault_server: FaultServer) -> None:
    post = fake_post(10, hours=30, favourites_count=2)
    seen = fake_note(1, "favourite", by=7, hours=20, status=post)
    access = serve(
        fault_server, posts=[post], notes=[seen], liked=[{"id": "7"}, {"id": "8"}, {"id": "1"}]
    )

    reading = read_fake(access)

    times = {one.actor_id.partition("@")[0]: one.at for one in reading.interactions}
    assert times == {"7": NOW - timedelta(hours=20), "8": NOW - timedelta(hours=30)}


def test_lists_are_not_asked_for_where_everybody_is_known(fault_server: FaultServer) -> None:
    post = fake_post(10, favourites_count=1)
    access = serve(fault_server, posts=[post], notes=[fake_note(1, "favourite", by=7, status=post)])

    read_fake(access)

    assert fault_server.asked(LIKED) == []


def test_mentions_answers_and_quotes_are_told_apart(fault_server: FaultServer) -> None:
    mine = fake_post(10)
    theirs = {"visibility": "public", "account": {"id": "7"}}
    answer = {**theirs, "id": "20", "in_reply_to_id": "10", "in_reply_to_account_id": "1"}
    mention = {**theirs, "id": "21"}
    quote = {**theirs, "id": "22", "quote": {"quoted_status": {"id": "10"}}}
    shallow = {**theirs, "id": "23", "quote": {"quoted_status_id": "10"}}
    old = {**theirs, "id": "24", "in_reply_to_id": "3", "in_reply_to_account_id": "1"}
    notes = [
        fake_note(number, "quote" if "quote" in status else "mention", by=7, status=status)
        for number, status in enumerate([answer, mention, quote, shallow, old])
    ]
    access = serve(fault_server, posts=[mine], notes=[*notes, fake_note(9, "poll", by=7)])

    reading = read_fake(access)

    assert {(one.kind, one.post_id, one.external_id) for one in reading.interactions} == {
        (Kind.REPLY, "10", "20"),
        (Kind.MENTION, "", "21"),
        (Kind.QUOTE, "10", "22"),
        (Kind.QUOTE, "10", "23"),
    }
    assert reading.left_out == {"older_post": 1}


def test_audience_and_age_of_people_are_kept_where_told(fault_server: FaultServer) -> None:
    known = {"id": "7", "followers_count": 321, "created_at": "2019-04-01T00:00:00.000Z"}
    access = serve(
        fault_server, posts=[fake_post(10, favourites_count=2)], liked=[known, {"id": "8"}]
    )

    told, untold = read_fake(access).interactions

    assert (told.actor_followers, told.actor_since) == (321, datetime(2019, 4, 1, tzinfo=UTC))
    assert (untold.actor_followers, untold.actor_since) == (None, None)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (401, "The access token is invalid", Code.REVOKED),
        (401, "The access token was revoked", Code.REVOKED),
        (422, "This method requires an authenticated user", Code.REVOKED),
        (403, "This action is outside the authorized scopes", Code.SCOPE_MISSING),
        (403, "Your login is currently disabled", Code.GONE),
        (403, "Your login is currently pending approval", Code.GONE),
        (403, "This action is not allowed", Code.REVOKED),
        (404, "Record not found", Code.GONE),
        (410, "Gone", Code.GONE),
        (418, "I am a teapot", Code.CONTRACT),
    ],
)
def test_what_the_server_says_decides_what_the_link_is(
    fault_server: FaultServer, status: int, said: str, code: Code
) -> None:
    access = serve(fault_server)
    fault_server.routes[ME] = lambda asked: reply({"error": said}, status=status)

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert (caught.value.code, caught.value.raw) == (code, said)


def test_a_firewall_page_is_not_taken_for_the_server(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    fault_server.routes[ME] = lambda asked: reply(raw=b"<h1>No</h1>", kind="text/html", status=403)

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert caught.value.code == Code.TRANSIENT


def test_missing_permission_for_notifications_limits_but_does_not_stop(
    fault_server: FaultServer,
) -> None:
    access = serve(fault_server, posts=[fake_post(10)])
    fault_server.routes[NOTES] = lambda asked: reply(
        {"error": "This action is outside the authorized scopes"}, status=403
    )

    reading = read_fake(access)

    assert len(reading.posts) == 1
    assert "allow notifications" in reading.limited[0]


def test_a_post_deleted_while_we_read_does_not_stop_the_read(fault_server: FaultServer) -> None:
    posts = [fake_post(11, favourites_count=1), fake_post(10, favourites_count=1)]
    access = serve(fault_server, posts=posts, liked=[{"id": "7"}])

    reading = read_fake(access)  # the list of post 11 is a 404

    assert [one.post_id for one in reading.interactions] == ["10"]


def paged(server: FaultServer, pages: dict[str, tuple[list[Any], str]]) -> None:
    """Serve posts page by page: cursor -> (posts, Link header)."""

    def answer(asked: Asked) -> bytes:
        posts, link = pages[asked.query.get("max_id", "")]
        return reply(posts, Link=link)

    server.routes[POSTS] = answer


def next_link(server: FaultServer, cursor: str, *, base: str = "") -> str:
    return f'<{base or server.url(POSTS)}?max_id={cursor}>; rel="next", <x>; rel="prev"'


def test_a_circle_of_pages_ends_typed(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    paged(fault_server, {
        "": ([fake_post(12)], next_link(fault_server, "a")),
        "a": ([fake_post(11)], next_link(fault_server, "b")),
        "b": ([fake_post(10)], next_link(fault_server, "a")),
    })  # fmt: skip

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert caught.value.code == Code.CONTRACT
    assert len(fault_server.asked(POSTS)) == 3


def test_the_same_page_under_new_names_ends_typed(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    fault_server.routes[POSTS] = lambda asked: reply(
        [fake_post(12)], Link=next_link(fault_server, asked.query.get("max_id", "") + "1")
    )

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert caught.value.code == Code.CONTRACT
    assert len(fault_server.asked(POSTS)) == 2


def test_a_next_page_on_another_server_is_not_fetched(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    elsewhere = next_link(fault_server, "a", base="https://evil.example/api")
    paged(fault_server, {"": ([fake_post(12)], elsewhere)})

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert caught.value.code == Code.CONTRACT


def test_a_next_page_keeps_our_path_whatever_the_link_says(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    odd = next_link(fault_server, "a", base="http://127.0.0.1/oauth/revoke")
    paged(fault_server, {"": ([fake_post(12)], odd), "a": ([fake_post(11)], "")})

    reading = read_fake(access)

    assert [post.external_id for post in reading.posts] == ["12", "11"]


def test_an_endless_account_is_read_as_far_as_allowed_and_says_so(
    fault_server: FaultServer,
) -> None:
    access = serve(fault_server)

    def answer(asked: Asked) -> bytes:
        number = int(asked.query.get("max_id", "9000")) - 1
        post = fake_post(number, hours=9000 - number)
        return reply([post], Link=next_link(fault_server, str(number)))

    fault_server.routes[POSTS] = answer

    reading = read_fake(access)

    assert len(reading.posts) == POST_PAGES
    assert reading.since == NOW - timedelta(hours=POST_PAGES)
    assert reading.limited == (f"Only your newest {POST_PAGES} posts were read.",)


def test_names_are_asked_for_within_a_budget_newest_and_most_first(
    fault_server: FaultServer,
) -> None:
    posts = [
        fake_post(1000 + number, hours=1 + number * 4, favourites_count=1 + number % 3)
        for number in range(PEOPLE_CALLS + 30)
    ]
    access = serve(fault_server, posts=posts)
    for post in posts:
        path = f"/api/v1/statuses/{post['id']}/favourited_by"
        fault_server.routes[path] = lambda asked: reply([{"id": "7"}])

    reading = read_fake(access)

    lists = [asked.path for asked in fault_server.requests if asked.path.endswith("favourited_by")]
    assert len(lists) == PEOPLE_CALLS
    assert lists[0] == "/api/v1/statuses/1002/favourited_by"
    (sentence,) = reading.limited
    assert f"read for {PEOPLE_CALLS} of {PEOPLE_CALLS + 30} lists" in sentence


def test_a_long_read_says_after_every_call_or_two_that_it_lives(fault_server: FaultServer) -> None:
    posts = [fake_post(1000 + number, favourites_count=9) for number in range(25)]
    access = serve(fault_server, posts=posts)

    def three_pages(asked: Asked) -> bytes:
        page = int(asked.query.get("max_id", "3"))
        further = {"Link": next_link(fault_server, str(page - 1))} if page > 1 else {}
        return reply([{"id": str(page)}], **further)

    for post in posts:
        fault_server.routes[f"/api/v1/statuses/{post['id']}/favourited_by"] = three_pages
    calls = [0]

    connector.read(
        access,
        "1",
        since=NOW - timedelta(days=90),
        now=NOW,
        progress=lambda sentence: calls.append(len(fault_server.requests)),
    )

    calls.append(len(fault_server.requests))
    assert calls[-1] == 3 + 25 * 3
    assert max(later - before for before, later in pairwise(calls)) <= 2


def test_numbers_that_make_no_sense_are_not_told_rather_than_nought(
    fault_server: FaultServer,
) -> None:
    odd = fake_post(10, favourites_count=-7, reblogs_count=2**63, replies_count="4")
    access = serve(fault_server, posts=[odd])

    (post,) = read_fake(access).posts

    assert post.counts == {Kind.LIKE: None, Kind.REPOST: None, Kind.REPLY: 4, Kind.QUOTE: None}


def test_posts_of_no_time_or_of_the_future_are_left_out(fault_server: FaultServer) -> None:
    posts = [fake_post(12, hours=-24), fake_post(11, created_at="yesterday"), fake_post(10)]
    access = serve(fault_server, posts=posts)

    reading = read_fake(access)

    assert [post.external_id for post in reading.posts] == ["10"]
    assert reading.left_out == {"in_future": 1, "undated": 1}


def test_texts_and_links_are_made_safe_to_keep_and_show(fault_server: FaultServer) -> None:
    html = "<p>A\x00\ud800<script>steal()</script></p><p>B<br>C &lt;i&gt;</p>" + "<" * 4000
    odd = fake_post(10, content=html, url="javascript:alert(1)", language="en\x00")
    access = serve(fault_server, posts=[odd])

    (post,) = read_fake(access).posts

    assert post.text.startswith("A\ufffd\ufffd B C <i>")
    assert len(post.text) <= 280
    assert (post.url, post.language) == ("", "en\ufffd")


@pytest.mark.parametrize("odd", ["", "a\x00b", "a\ud800b", "a b", "a" * 192, None, 1.5, True, {}])
def test_an_id_that_could_become_another_is_refused(fault_server: FaultServer, odd: Any) -> None:
    access = serve(fault_server, posts=[fake_post(10, id=odd)])

    with pytest.raises(ConnectorError) as caught:
        read_fake(access)

    assert caught.value.code == Code.CONTRACT


def test_an_account_that_moved_says_where_to(fault_server: FaultServer) -> None:
    access = serve(fault_server)
    fault_server.routes[ME] = lambda asked: reply(
        {"id": "1", "username": "nora", "moved": {"id": "2", "acct": "nora@new.example"}}
    )

    (target,) = connector.targets(access, now=NOW)

    assert target.reason == "This account moved to @nora@new.example. Link that one too."


# Takes its ten seconds each: what it does to the clock is shown in test_http_guard.
SLOW = {"/slow-headers", "/slow-body", "/silence", "/tiny-chunks", "/endless-headers"}


@pytest.mark.parametrize("stage", [ME, POSTS, NOTES, LIKED])
def test_every_fault_at_every_stage_ends_typed(fault_server: FaultServer, stage: str) -> None:
    access = serve(fault_server, posts=[fake_post(10, favourites_count=3)])
    ended: dict[str, str] = {}
    words = ""

    for fault in sorted(set(FAULTS) - SLOW):
        fault_server.faults = {stage: fault}
        try:
            reading = read_fake(access)
        except ConnectorError as error:
            ended[fault] = error.code
            words += f"{error!r}{error.raw}"
        else:
            ended[fault] = "limited" if reading.limited else "read"

    sound = {fault for fault, end in ended.items() if end == "read"}
    assert sound <= {"/ok", "/gzip", "/deflate", "/nul", "/surrogate", "/negative"}
    assert set(ended.values()) <= {
        "read", "limited", Code.TRANSIENT, Code.CONTRACT, Code.RATE_LIMITED,
    }  # fmt: skip
    assert "canary-token" not in words


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@given(data=st.data())
@examples(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_field_may_be_anything(fault_server: FaultServer, data: st.DataObject) -> None:
    post = fake_post(10, favourites_count=1, in_reply_to_id=None, quote=None)
    answers = {
        "posts": [post],
        "notes": [fake_note(1, "mention", by=7, status=copy.deepcopy(post))],
        "liked": [{"id": "7", "followers_count": 3, "created_at": "2020-01-01"}],
    }
    place: Any = answers[data.draw(st.sampled_from(sorted(answers)))][0]
    name = data.draw(st.sampled_from(sorted(place)))
    if isinstance(place[name], dict) and data.draw(st.booleans()):
        place = place[name]
        name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(JUNK)
    access = serve(fault_server, **answers)

    posts: tuple[Post, ...] = ()
    code = Code.OK
    try:
        posts = read_fake(access).posts
    except ConnectorError as error:
        code = error.code

    assert code in {Code.OK, Code.CONTRACT}
    for made in posts:
        assert all(told is None or told >= 0 for told in made.counts.values())
        made.text.encode()
        assert NOW - timedelta(days=90) <= made.created_at <= NOW
