"""What Facebook, Instagram and Threads share: limits, pages, words of errors, real answers."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from hypothesis import given
from hypothesis import strategies as st

from accounts import unlinking
from accounts.connectors import facebook_causes, facebook_pages, oauth, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.meta import Graph, Metrics, scopes_of, since_1970, unix, usage
from accounts.connectors.meta_errors import failure
from accounts.speech import marked
from tests.accounts.builders import NOW, person, signed_in
from tests.accounts.fakes.facebook import FakeFacebook
from tests.accounts.walks import switch_on, walk
from tests.fault_server import FaultServer, reply

RECORDINGS = Path(os.environ.get("KLOUTSITE_RECORDINGS", site.BASE_DIR / "../shared/recordings"))
RETIRED = marked("Meta does not tell {names} any more.")
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")


def recording(name: str) -> Any:
    """Return a recorded answer; it stays where it is."""
    return json.loads((RECORDINGS / name).read_text())


def meant(body: Any, *, status: int = 400, regain: timedelta | None = None) -> ConnectorError:
    """Return what an error answer stands for."""
    content = json.dumps(body).encode()
    answer = Answer("graph.example", status, {"content-type": "application/json"}, content)
    return failure(answer, name="Facebook", now=NOW, regain=regain, secrets=())


# Limits


@pytest.mark.parametrize(
    ("headers", "percent", "minutes"),
    [
        ({}, 0, None),
        ({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":31}'}, 31, None),
        (
            {"x-business-use-case-usage": '{"5":[{"type":"pages","call_count":95,'
             '"estimated_time_to_regain_access":7},{"total_time":12}]}'},
            95, 7,
        ),
        (
            {"x-app-usage": '{"call_count":10}',
             "x-business-use-case-usage": '{"5":[{"call_count":3}],"6":[{"total_cputime":82}]}'},
            82, None,
        ),
        ({"x-app-usage": "nonsense"}, 0, None),
        ({"x-app-usage": "[1]"}, 0, None),
        ({"x-business-use-case-usage": '{"5":7,"6":[8]}'}, 0, None),
        ({"x-app-usage": "[" * 15_000}, 0, None),
    ],
)  # fmt: skip
def test_how_much_is_used_is_read_from_either_header(
    headers: dict[str, str], percent: int, minutes: int | None
) -> None:
    used, regain = usage(headers)

    assert used == percent
    assert regain == (None if minutes is None else timedelta(minutes=minutes))


@given(header=st.text(max_size=60))
def test_no_header_breaks_a_call(header: str) -> None:
    used, regain = usage({"x-app-usage": header, "x-business-use-case-usage": header})

    assert used >= 0
    assert regain is None or regain > timedelta()


@pytest.mark.parametrize("code", [4, 17, 32, 613, *range(80000, 80009)])
@pytest.mark.parametrize("status", [400, 403])
def test_every_limit_is_a_limit_whatever_its_status(code: int, status: int) -> None:
    error = meant({"error": {"code": code}}, status=status, regain=timedelta(minutes=9))

    assert error.code == Code.RATE_LIMITED
    assert error.retry_at == NOW + timedelta(minutes=9)


@pytest.mark.parametrize("code", [10, 100, 190, 200])
def test_trouble_that_passes_goes_before_every_fatal_code(code: int) -> None:
    assert meant({"error": {"code": code, "is_transient": True}}).code == Code.TRANSIENT


@pytest.mark.parametrize("code", [3, 10, 200, 210, 250, 299])
def test_every_code_of_a_missing_right_is_one(code: int) -> None:
    assert meant({"error": {"code": code}}, status=403).code == Code.SCOPE_MISSING


@pytest.mark.parametrize("body", [{}, {"error": "no"}, {"error": None}, {"error": []}])
def test_an_error_without_parts_is_not_understood(body: Any) -> None:
    assert meant(body).code == Code.CONTRACT


# Pages and metrics


def graph(server: FaultServer) -> Graph:
    return Graph(server.url(), "canary", name="Facebook", now=NOW)


def test_a_next_link_is_followed_on_our_own_host_with_our_own_fields(
    fault_server: FaultServer,
) -> None:
    following = "https://elsewhere.example/v1/other?after=b&fields=secret&access_token=x&limit=9"
    pages = iter([{"data": [{"id": "1"}], "paging": {"next": following}}, {"data": []}])
    fault_server.routes["/list"] = lambda _asked: reply(next(pages))

    found = list(graph(fault_server).pages("/list", {"fields": "id", "limit": "50"}, most=5))

    assert [page.more for page in found] == [True, False]
    assert fault_server.requests[1].query == {"fields": "id", "limit": "50", "after": "b"}


def test_an_empty_page_with_a_next_link_is_not_the_end(fault_server: FaultServer) -> None:
    link = "https://x.example/?after=b"
    pages = iter([{"data": [], "paging": {"next": link}}, {"data": [{"id": "1"}]}])
    fault_server.routes["/list"] = lambda _asked: reply(next(pages))

    found = list(graph(fault_server).pages("/list", {"limit": "50"}, most=5))

    assert [len(page.items) for page in found] == [0, 1]


def test_an_error_that_comes_as_a_success_is_one(fault_server: FaultServer) -> None:
    fault_server.routes["/me"] = lambda _asked: reply({"error": {"code": 190}})

    with pytest.raises(ConnectorError) as caught:
        graph(fault_server).get("/me")

    assert caught.value.code == Code.REVOKED


def test_a_number_is_read_in_both_forms_and_one_that_is_none_is_unknown(
    fault_server: FaultServer,
) -> None:
    fault_server.routes["/insights"] = lambda _asked: reply(
        {
            "data": [
                {"name": "likes", "values": [{"value": 4}]},
                {"name": "shares", "total_value": {"value": 5}},
                {"name": "views", "values": [{"value": {"us": 3}}]},
                {"name": "saved", "values": []},
            ]
        }
    )

    metrics = Metrics(["likes", "shares", "views", "saved"], retired=RETIRED)

    assert metrics.read(graph(fault_server), "/insights") == {"likes": 4, "shares": 5}


@pytest.mark.parametrize(
    ("value", "scopes"),
    [
        (["a", "b_c"], ("a", "b_c")),
        ("a,b_c", ("a", "b_c")),
        ("a b_c", ("a", "b_c")),
        (None, ()),
        ([1, None, "<b>", "ok"], ("ok",)),
    ],
)
def test_permissions_come_as_a_list_or_as_a_text(value: Any, scopes: tuple[str, ...]) -> None:
    assert scopes_of(value) == scopes


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1_577_347_200, datetime(2019, 12, 26, 8, tzinfo=UTC)),
        (0, None),
        (-5, None),
        (2**52, None),
        ("soon", None),
    ],
)
def test_times_are_seconds_and_nothing_is_never(value: Any, at: datetime | None) -> None:
    assert since_1970({"expires_at": value}, "expires_at") == at
    assert at is None or unix(at) == str(value)


# Links


@pytest.mark.django_db
def test_a_link_that_was_made_again_is_not_ended_by_the_end_of_the_old_one(
    settings: Any, insecure: None
) -> None:
    with FakeFacebook() as fake:
        switch_on(settings, fake)
        walk(signed_in(person()), fake)

        # Facebook ends all keys of a person with one of them, so the old one is left to end alone.
        in_use = unlinking.is_in_use(
            network="facebook", server="", account_id="77", token="canary-old"
        )
        gone = unlinking.is_in_use(
            network="facebook", server="", account_id="78", token="canary-old"
        )

    assert (in_use, gone) == (True, False)


# Real answers


@recorded
def test_a_recorded_list_of_pages_is_read_whole() -> None:
    said = recording("fb_facebook_apidata_users_user_accounts_p1.json")

    rows = shapes.records(said["data"])

    assert len(rows) == 4
    assert all(facebook_pages.key_of(row) and facebook_pages.may_read(row) for row in rows)
    assert said["paging"]["next"].startswith("https://")


@recorded
def test_recorded_posts_have_an_id_and_a_time(insecure: None, fault_server: FaultServer) -> None:
    said = recording("fb_facebook_apidata_posts_feed_fields_p1.json")
    fault_server.routes["/4/posts"] = lambda _asked: reply(said)

    page = next(graph(fault_server).pages("/4/posts", {"limit": "5"}, most=1))

    times = [shapes.moment(row, "created_time") for row in page.items]
    assert page.more
    assert times[0] == datetime(2021, 7, 4, 19, 50, 58, tzinfo=UTC)
    assert None not in times
    assert shapes.identifier(page.items[0], "id").startswith("4_")


@recorded
def test_a_recorded_page_names_its_fans() -> None:
    page = recording("fb_facebook_apidata_pages_single_fields_page.json")

    assert (shapes.count(page, "fan_count") or 0) > 200_000_000


@recorded
def test_a_recorded_introspection_without_ids_means_all_pages() -> None:
    said = recording("fb_base_token_info.json")["data"]

    assert facebook_causes.ticked(said) is None
    assert since_1970(said, "expires_at") == datetime(2019, 12, 26, 8, tzinfo=UTC)


@recorded
def test_a_recorded_refusal_is_read_as_a_page_that_is_not_shown() -> None:
    error = meant(recording("fb_base_error_data.json"))

    assert error.code == Code.SOURCE_NOT_GRANTED
    assert error.raw.startswith("100/0 (#100) Object does not exist")


@recorded
@pytest.mark.parametrize(
    "name", ["fb_base_long_term_token.json", "fb_base_threads_user_long_lived_token.json"]
)
def test_recorded_keys_last_sixty_days(name: str) -> None:
    tokens = oauth.tokens_of(recording(name))

    assert tokens.lasts is not None
    assert round(tokens.lasts / timedelta(days=1)) == 60


@recorded
def test_a_recorded_key_of_threads_names_its_person_by_a_number() -> None:
    said = recording("fb_base_threads_user_token.json")

    assert shapes.identifier(said, "user_id") == "12345678"
    assert oauth.tokens_of(said).lasts is None


@recorded
def test_recorded_numbers_of_a_post_are_read(insecure: None, fault_server: FaultServer) -> None:
    said = recording("fb_instagram_apidata_medias_insights_new.json")
    fault_server.routes["/m/insights"] = lambda _asked: reply(said)

    metrics = Metrics(["profile_activity"], retired=RETIRED)
    numbers = metrics.read(graph(fault_server), "/m/insights")

    assert numbers == {"profile_activity": 11}


@recorded
def test_recorded_media_have_an_id_a_time_and_counts() -> None:
    media = recording("fb_instagram_apidata_medias_medias_fields.json")

    rows = [shapes.record(item) for item in media.values()]

    assert all(shapes.moment(row, "timestamp") for row in rows)
    assert all(shapes.count(row, "comments_count") is not None for row in rows)
