"""Pictures and scores for other sites: what they tell, whom they obey, what they survive."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import handles
from accounts.models import Audience, Profile, User
from kloutsite.ahead import ahead_of
from scoring import limits, public
from scoring.models import ScoreSnapshot
from scoring.public import drawing, rows
from tests.scoring.builders import NOW, TODAY, history, person
from tests.scoring.pages import at_noon, browser_of, lost, text_of
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
OPEN = {"page": Audience.EVERYONE, "score": Audience.EVERYONE, "history": Audience.EVERYONE}
BADGE, SCORE = "/@nora/badge.svg", "/@nora/score.json"


@pytest.fixture(autouse=True)
def uncounted() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()


def nora(*, scores: tuple[float | None, ...] = (49.1, 50.4), **shows: Any) -> User:
    """Return somebody with a handle, a name and a few days of scores."""
    user = person()
    User.objects.filter(pk=user.pk).update(display_name="Nora Lindqvist")
    handles.take(user, "nora", now=NOW)
    Profile.objects.create(user=user, **shows)
    history(user, scores, until=TODAY)
    return user


def get(path: str, query: str = "", **meta: str) -> public.Answer:
    what = public.asked(path, query)
    assert what is not None
    return public.answer(what, {"REMOTE_ADDR": "203.0.113.9", **meta})


def texts(answer: public.Answer) -> str:
    """Return what is written in a picture, which must be sound XML."""
    return " ".join(text.strip() for text in ET.fromstring(answer.body).itertext() if text.strip())


def test_a_badge_shows_the_newest_score_and_its_day() -> None:
    nora(**OPEN)

    answer = get(BADGE)

    assert answer.status == 200
    assert "50.4" in texts(answer)
    assert "Kloutsite: 50.4 of 100 on 21 November 2026" in texts(answer)


def test_a_card_and_a_chart_name_the_person() -> None:
    nora(**OPEN)

    card, chart = get("/@nora/card.svg"), get("/@nora/chart.svg")

    assert "Nora Lindqvist @nora" in texts(card)
    assert "Nora Lindqvist" in texts(chart)
    assert b"<polyline" in chart.body


def test_the_score_is_answered_as_json() -> None:
    nora(**OPEN)

    told = json.loads(get(SCORE).body)

    assert told["score"] == 50.4
    assert told["day"] == TODAY.isoformat()
    assert told["handle"] == "nora"


@pytest.mark.parametrize(
    "shows",
    [
        {},
        {"page": Audience.EVERYONE},
        {"score": Audience.EVERYONE},
        {"page": Audience.MEMBERS, "score": Audience.EVERYONE},
        {"page": Audience.EVERYONE, "score": Audience.MEMBERS},
    ],
)
def test_whoever_does_not_show_a_score_is_as_unknown(shows: dict[str, Any]) -> None:
    nora(**shows)

    for kind in public_kinds():
        private, unknown = get(f"/@nora/{kind}"), get(f"/@nobody/{kind}")

        assert (private.status, private.headers, private.body) == (
            unknown.status,
            unknown.headers,
            unknown.body,
        )
    assert "private" in texts(get(BADGE))
    assert get(SCORE).status == 404


def public_kinds() -> tuple[str, ...]:
    return ("badge.svg", "card.svg", "chart.svg", "score.json")


@pytest.mark.parametrize("kind", ["badge.svg", "card.svg", "chart.svg", "score.json"])
def test_made_private_it_is_gone_at_the_next_question(kind: str) -> None:
    user = nora(**OPEN)
    before = [get(f"/@nora/{kind}") for _again in range(2)][-1]
    etag = dict(before.headers)["ETag"]

    Profile.objects.filter(user=user).update(score=Audience.NOBODY)
    private = [get(f"/@nora/{kind}", HTTP_IF_NONE_MATCH=etag) for _again in range(2)]
    Profile.objects.filter(user=user).update(score=Audience.EVERYONE)

    nobody = get(f"/@nobody/{kind}")
    assert private == [nobody, nobody]
    assert b"50.4" in before.body
    assert b"50.4" not in nobody.body
    assert get(f"/@nora/{kind}") == before


def test_what_was_drawn_before_is_not_shown_for_other_rows() -> None:
    user = nora(**OPEN)
    drawn = {kind: get(f"/@nora/{kind}").body for kind in public_kinds()}
    rows = ScoreSnapshot.objects.filter(user=user)

    User.objects.filter(pk=user.pk).update(display_name="Nora L.")
    renamed = get("/@nora/card.svg").body
    rows.filter(day=TODAY).update(score=61.5)

    assert b"Nora L." in renamed
    for kind in public_kinds():
        assert get(f"/@nora/{kind}").body != drawn[kind]
    chart = get("/@nora/chart.svg").body
    rows.exclude(day=TODAY).update(score=12.5)
    assert get("/@nora/chart.svg").body != chart


def test_somebody_who_left_is_private() -> None:
    user = nora(**OPEN)
    Profile.objects.filter(user=user).update(secret="s" * 22)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert "private" in texts(get(BADGE))
    assert get(f"/seen/{'s' * 22}/score.json").status == 404


def test_too_little_to_count_is_said_and_is_no_zero() -> None:
    nora(scores=(None,), **OPEN)

    assert "not yet" in texts(get(BADGE))
    assert json.loads(get(SCORE).body)["score"] is None


def test_what_did_not_change_is_not_sent_again() -> None:
    nora(**OPEN)
    first = get(BADGE)
    etag = dict(first.headers)["ETag"]

    again = get(BADGE, HTTP_IF_NONE_MATCH=etag)
    weak = get(BADGE, HTTP_IF_NONE_MATCH=f'"other", W/{etag}')
    whatever, nobody = (get(path, HTTP_IF_NONE_MATCH="*") for path in (SCORE, "/@no/score.json"))

    assert (again.status, again.body) == (304, b"")
    assert (weak.status, whatever.status, nobody.status) == (304, 304, 404)
    assert dict(again.headers)["Cache-Control"] == "public, no-cache, stale-if-error=86400"


def test_an_old_handle_leads_to_its_person_for_a_while() -> None:
    user = nora(**OPEN)
    later = NOW + handles.CHANGES + timedelta(days=1)
    handles.take(user, "nora_lindqvist", now=later)
    handles.Handle.objects.filter(name="nora").update(left_at=NOW)

    assert "50.4" in texts(get(BADGE))

    handles.Handle.objects.filter(name="nora").update(
        left_at=NOW - handles.REDIRECTS - timedelta(days=2)
    )

    assert "private" in texts(get(BADGE))


def test_a_secret_address_shows_a_closed_score_until_it_ends(client: Client) -> None:
    user = nora()
    mine = browser_of(user)

    mine.post(reverse("embed"), {"make": "1"})
    secret = Profile.objects.get(user=user).secret
    seen = get(f"/seen/{secret}/card.svg")
    mine.post(reverse("embed"), {"end": "1"})

    assert len(secret) == 22
    assert "50.4" in texts(seen)
    assert "@nora" not in texts(seen)
    assert "private" in texts(get(f"/seen/{secret}/card.svg"))
    assert "private" in texts(get(BADGE))


@pytest.mark.one_engine
@settings(max_examples=60)
@given(
    name=st.text(min_size=1, max_size=120),
    score=st.floats(min_value=1, max_value=100),
    theme=st.sampled_from(drawing.THEMES),
)
def test_whatever_a_name_holds_the_picture_is_sound(name: str, score: float, theme: str) -> None:
    told = drawing.Texts(says=name, score=f"{score:.1f}", about=name, name=name, share=score / 100)

    pictures = [draw(told, theme=theme) for draw in (drawing.badge, drawing.card)]

    assert all(ET.fromstring(picture).tag.endswith("svg") for picture in pictures)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("query", "theme", "scale"),
    [
        ("theme=dark&size=l", "dark", 1.5),
        ("theme=<script>&size=9", "auto", 1.0),
        ("theme=dark&theme=light", "light", 1.0),
        ("%zz&&&=", "auto", 1.0),
        ("&".join(["theme=dark"] * 30), "auto", 1.0),
        (f"theme=dark&{'x' * 500}", "auto", 1.0),
    ],
)
def test_a_query_that_says_nothing_sound_breaks_no_picture(
    query: str, theme: str, scale: float
) -> None:
    what = public.asked(BADGE, query)

    assert what is not None
    assert (what.theme, what.scale) == (theme, scale)


@pytest.mark.parametrize(
    "handle", ["NORA", "n.ora", "nora ", "🙂", "%", "nora%00", "no\x00ra", "a" * 120]
)
def test_odd_handles_are_answered(handle: str) -> None:
    nora(**OPEN)

    answer = get(f"/@{handle}/badge.svg")

    assert answer.status == 200
    assert ("50.4" in texts(answer)) is (handle == "NORA")


def test_one_query_for_a_badge_and_two_for_a_chart(
    django_assert_num_queries: AssertQueries,
) -> None:
    nora(scores=(49.0,) * 60, **OPEN)

    with django_assert_num_queries(1):
        get(BADGE)
    with django_assert_num_queries(2):
        get("/@nora/chart.svg")


def test_somebody_who_listens_to_the_queries_changes_no_answer() -> None:
    nora(**OPEN)

    alone = [get(path) for path in (BADGE, SCORE, "/@nobody/score.json")]
    with CaptureQueriesContext(connection) as heard:
        listened = [get(path) for path in (BADGE, SCORE, "/@nobody/score.json")]

    assert listened == alone
    assert len(heard) == 3


def test_a_query_that_fails_is_an_error_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_BY_HANDLE", "SELECT 1 FROM nowhere WHERE name = %s")

    with pytest.raises(DatabaseError), transaction.atomic():
        get(BADGE)


def test_who_asks_too_often_is_told_when_to_come_back(settings: Any) -> None:
    settings.PUBLIC_PER_MINUTE = 2
    nora(**OPEN)

    answers = [get(BADGE) for _ in range(3)]

    heads = dict(answers[-1].headers)
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(heads["Retry-After"]) >= 1
    assert heads["Cache-Control"] == "no-store"
    assert heads["X-Content-Type-Options"] == "nosniff"
    assert "later" in texts(answers[-1])  # on somebody's page it is a picture still
    for path in ("/@nora/card.svg", "/@nora/chart.svg"):
        assert "later" in texts(get(path, "theme=dark"))
    assert get(SCORE).body.startswith(b"That was a lot in a minute.")


def test_an_address_is_read_once(client: Client) -> None:
    nora(**OPEN)

    badge = client.get("/@nor%2561/badge.svg")

    assert "private" in texts(public.Answer(200, [], badge.content))


@pytest.mark.parametrize("ahead", [True, False])
def test_a_script_elsewhere_may_ask_with_the_etag_that_it_has(client: Client, ahead: bool) -> None:
    nora(**OPEN)
    said: list[Any] = []

    if ahead:
        application = ahead_of(lambda _environ, _start: [b"django"])
        asked = environ(SCORE, REQUEST_METHOD="OPTIONS")
        body = b"".join(application(asked, lambda *told: said.append(told)))
        status, heads = said[0][0][:3], dict(said[0][1])
    else:
        answered = client.options(SCORE)
        body, status = answered.content, str(answered.status_code)
        heads = dict(answered.headers.items())

    assert (status, body) == ("204", b"")
    assert heads["Access-Control-Allow-Origin"] == "*"
    assert heads["Access-Control-Allow-Headers"] == "If-None-Match"


@pytest.mark.one_engine
def test_a_script_elsewhere_sees_the_etag_and_how_long_to_wait(settings: Any) -> None:
    settings.PUBLIC_PER_MINUTE = 2
    nora(**OPEN)

    whole = dict(get(SCORE).headers)
    unchanged = get(SCORE, HTTP_IF_NONE_MATCH=whole["ETag"])
    later = get(SCORE)

    assert (unchanged.status, later.status) == (304, 429)
    for heads in (whole, dict(unchanged.headers), dict(later.headers)):
        assert heads["Access-Control-Expose-Headers"] == "ETag, Retry-After"
        assert heads["Access-Control-Allow-Origin"] == "*"


def test_a_site_with_tls_asks_browsers_for_it_here_too(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    nora(**OPEN)
    said: list[Any] = []

    list(ahead_of(lambda *_asked: [])(environ(BADGE), lambda *told: said.append(told)))

    told = dict(said[0][1])["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains; preload"


def test_the_callable_ahead_of_django_answers_its_own_and_hands_on_the_rest() -> None:
    nora(**OPEN)
    said: list[Any] = []
    application = ahead_of(lambda _environ, _start: [b"django"])

    own = application(environ(BADGE), lambda *told: said.append(told))
    head = application(environ(BADGE, REQUEST_METHOD="HEAD"), lambda *told: said.append(told))
    others = [
        application(environ(path), print)
        for path in ("/@nora", "/home/", "/@nora/card.png", "/@nora/feed.json")
    ]
    posted = application(environ(BADGE, REQUEST_METHOD="POST"), print)

    assert b"50.4" in next(iter(own))
    assert list(head) == []
    assert [status for status, _headers in said] == ["200 OK", "200 OK"]
    assert not any(name.lower() == "set-cookie" for _status, heads in said for name, _ in heads)
    assert [list(each) for each in (*others, posted)] == [[b"django"]] * 5


def environ(path: str, **changed: str) -> dict[str, Any]:
    known = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "REMOTE_ADDR": "::1"}
    return known | changed


@pytest.mark.parametrize(
    ("error", "times"), [(OperationalError("the connection is lost"), 2), (KeyError("ours"), 1)]
)
def test_what_fails_is_djangos_to_tell(
    error: Exception, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def away(*_asked: Any) -> public.Answer:
        tried.append("again")
        raise error

    monkeypatch.setattr(public, "answer", away)
    application = ahead_of(lambda _environ, _start: [b"django"])

    assert list(application(environ(BADGE), print)) == [b"django"]
    assert len(tried) == times


def test_the_addresses_are_answered_without_that_callable_too(client: Client) -> None:
    nora(**OPEN)

    badge = client.get(BADGE)
    gone = client.get("/@nobody/score.json")

    assert badge.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert badge.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "50.4" in badge.content.decode()
    assert (gone.status_code, gone.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_page_of_pictures_gives_what_to_paste(client: Client) -> None:
    page = text_of(browser_of(nora(**OPEN)), reverse("embed") + "?kind=card&theme=dark&size=l")

    assert "/@nora/card.svg?theme=dark&amp;size=l" in page
    assert "It shows your name, your newest score and its day." in page
    assert "[![My score on Kloutsite](http" in page


def test_the_page_of_pictures_shows_the_secret_address_beside_the_open_one() -> None:
    user = nora(**OPEN)
    chosen = f"{reverse('embed')}?kind=card&theme=dark&size=l"

    made = browser_of(user).post(chosen, {"make": "1"}, follow=True)
    page, secret = made.content.decode(), Profile.objects.get(user=user).secret

    assert made.redirect_chain == [(chosen, 302)]
    assert page.count("/@nora/card.svg?theme=dark&amp;size=l") == 4  # shown, and three to paste
    told = page[page.index("An address that nobody guesses") : page.index('name="end"')]
    assert "@nora" not in told  # who closes the page later has told nobody of it
    assert page.count(f"/seen/{secret}/card.svg?theme=dark&amp;size=l") == 3
    assert len(set(re.findall(r'textarea id="([^"]+)"', page))) == 6


def test_the_page_of_pictures_says_what_is_closed() -> None:
    page = text_of(browser_of(nora()), reverse("embed"))

    assert "not everyone may see this of you: it would say “private”" in page
    assert "<textarea" not in page


def test_oembed_tells_of_an_open_score_and_of_no_other(client: Client, settings: Any) -> None:
    nora(**OPEN)
    page = f"{settings.SITE_URL}/@nora"

    told = client.get(reverse("oembed"), {"url": page}).json()
    xml = client.get(reverse("oembed"), {"url": page, "format": "xml"})
    others = [
        client.get(reverse("oembed"), {"url": url}).status_code
        for url in (
            "",
            "/@nora",
            f"{settings.SITE_URL}/@nobody",
            "https://elsewhere.example/@nora",
            "//[",
        )
    ]
    odd = client.get(reverse("oembed"), {"url": page, "format": "yaml"})

    assert told["type"] == "rich"
    assert f'src="{settings.SITE_URL}/@nora/card.svg"' in told["html"]
    assert ET.fromstring(xml.content).findtext("author_name") == "@nora"
    assert others == [404] * 5
    assert odd.status_code == 501


@pytest.mark.parametrize("end", ["/", "?utm_source=x", "#score", "/?a=%00"])
@pytest.mark.one_engine
def test_oembed_knows_the_page_by_its_path_alone(end: str, client: Client, settings: Any) -> None:
    nora(**OPEN)
    host = settings.SITE_URL.partition("://")[2].upper()

    told = client.get(reverse("oembed"), {"url": f"http://{host}/%40Nora{end}"})

    assert told.json()["author_url"] == f"{settings.SITE_URL}/@nora"


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ({}, (360, 132)),
        ({"maxwidth": "1000", "maxheight": "999999"}, (360, 132)),
        ({"maxwidth": "200"}, (200, 73)),
        ({"maxheight": "50"}, (136, 49)),
        ({"maxwidth": "0", "maxheight": "0"}, (360, 132)),
        ({"maxwidth": "1", "maxheight": "1"}, (1, 1)),
        ({"maxwidth": "wide", "maxheight": "²"}, (360, 132)),
    ],
)
@pytest.mark.one_engine
def test_oembed_stays_within_the_room_that_is_asked_for(
    room: dict[str, str], size: tuple[int, int], client: Client, settings: Any
) -> None:
    nora(**OPEN)
    asked = {"url": f"{settings.SITE_URL}/@nora", **room}

    told = client.get(reverse("oembed"), asked).json()

    assert (told["width"], told["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in told["html"]


@pytest.mark.one_engine
def test_oembed_is_not_sent_twice_and_may_stand_while_the_site_is_away(
    client: Client, settings: Any
) -> None:
    nora(**OPEN)
    asked = {"url": f"{settings.SITE_URL}/@nora"}

    first = client.get(reverse("oembed"), asked)
    again = client.get(reverse("oembed"), asked, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert first["Cache-Control"] == "public, no-cache, stale-if-error=86400"
    assert not first.cookies


OF_NORA = (
    "/@nora", "/@nora/badge.svg", "/@nora/card.svg", "/@nora/chart.svg", "/@nora/score.json",
    "/@nora/card.png", "/@nora/feed.json", "/@nora/feed.atom", "/badge/nora", "/nora",
    "/public/scripts/widget_hover.js", "/api/", "/oembed?url=http%3A//127.0.0.1%3A8000/%40nora",
)  # fmt: skip


@pytest.mark.one_engine
def test_whatever_is_for_all_is_read_alone_sent_once_and_sets_no_cookie() -> None:
    nora(**OPEN)
    browser = Client(enforce_csrf_checks=True)

    for path in OF_NORA:
        whole, head = browser.get(path), browser.head(path)
        again = browser.get(path, headers={"If-None-Match": whole["ETag"]})
        others = [browser.generic(method, path) for method in ("POST", "DELETE")]

        assert (whole.status_code, head.status_code, again.status_code) == (200, 200, 304), path
        assert head["ETag"] == whole["ETag"], path
        assert lost(again, whole) == {}, path
        assert [one.status_code for one in others] == [405] * 2, path
        assert all(one["Allow"].startswith("GET, HEAD") for one in others), path
    assert not browser.cookies


@pytest.mark.one_engine
@pytest.mark.parametrize("start", ["/@" + "a" * 5_000, "/@" + "a" * 200, "/seen/" + "a" * 200])
def test_an_address_too_long_to_be_anybodys_is_that_of_nobody(start: str, client: Client) -> None:
    picture, score = client.get(f"{start}/badge.svg"), client.get(f"{start}/score.json")

    assert picture.content == client.get("/@nobody/badge.svg").content
    assert (score.status_code, score["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.one_engine
def test_styles_of_pictures_are_those_that_their_policy_names() -> None:
    drawn = drawing.badge(drawing.Texts(says="", score="1.0", about=""), theme="auto")

    style = re.search("<style>(.*)</style>", drawn)

    assert style is not None
    assert style[1] == drawing.STYLES["auto"]
    assert drawing.STYLE_HASHES.count("sha256-") == 3
