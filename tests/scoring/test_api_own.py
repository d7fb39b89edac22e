"""What the API tells of notices, mails, links, cases and tokens, and of a person among others."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts import blocking, mailing, notices
from accounts.models import Notice, NoticeChoice, ScoreAsked, SyncRun, User
from accounts.notice_kinds import KINDS
from scoring.engine.timing import BANDS, DAYS
from scoring.models import PlusK
from tests.scoring import api_scenes as scenes
from tests.scoring import people_scenes
from tests.scoring.api_scenes import ALL, BASE, problem, program, token_of, told
from tests.scoring.builders import NOW, TODAY, person, snapshot
from tests.scoring.pages import at_noon

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def send(client: Client, method: str, path: str, body: object) -> Any:
    return client.generic(method, f"{BASE}{path}", json.dumps(body), "application/json")


def with_notices(number: int) -> tuple[User, Client]:
    """Return somebody who was told of so many +K, without a token's own notice, and a program."""
    nora, ahmed = person(), scenes.member("ahmed")
    asking = program(token_of(nora))
    Notice.objects.all().delete()
    for at in range(number):
        values = {"topic": "django"}
        notices.tell(
            person_id=nora.pk,
            kind="plusk_received",
            key=str(at),
            by=ahmed.pk,
            values=values,
            now=NOW,
        )
    return nora, asking


def test_notices_come_in_pages_with_their_sentence_and_nothing_is_read_by_asking() -> None:
    _nora, asking = with_notices(52)

    first = told(asking, "/me/notices")
    second = told(asking, f"/me/notices?cursor={first['next_cursor']}")
    beyond = told(asking, "/me/notices?cursor=1")

    assert (len(first["notices"]), len(second["notices"])) == (50, 2)
    assert (first["unread"], second["next_cursor"]) == (52, None)
    assert first["notices"][0]["text"] == "Ahmed gave you +K in Django."
    assert first["notices"][0]["url"].endswith("/plusk/")
    assert (beyond["notices"], beyond["note"]) == ([], "Nothing lies beyond this cursor.")


def test_notices_are_marked_as_read_up_to_one_or_one_alone() -> None:
    _nora, asking = with_notices(3)
    newest, middle, _oldest = (one["id"] for one in told(asking, "/me/notices")["notices"])

    only = send(asking, "POST", "/me/notices/read", {"until": newest, "only_this": True})
    up_to = send(asking, "POST", "/me/notices/read", {"until": float(middle)})

    assert (only.json(), up_to.json()) == ({"unread": 2}, {"unread": 0})


@pytest.mark.parametrize(
    "body",
    [{"until": 0}, {"until": True}, {"until": "1"}, {"until": 1.5}, {"until": 1, "only_this": 1}],
)
def test_what_is_marked_as_read_is_said_by_a_number_and_nothing_like_it(
    body: dict[str, object],
) -> None:
    nora, asking = with_notices(1)

    wrong = send(asking, "POST", "/me/notices/read", body)

    assert problem(wrong) == (422, "invalid")
    assert Notice.objects.get(user=nora).read_at is None


def test_nobody_marks_what_another_was_told() -> None:
    nora, asking = with_notices(1)
    eve = program(token_of(person("eve")))
    (mine,) = told(asking, "/me/notices")["notices"]

    send(eve, "POST", "/me/notices/read", {"until": mine["id"]})

    assert Notice.objects.get(user=nora).read_at is None


def test_a_kind_is_switched_off_and_on_again() -> None:
    nora, asking = with_notices(1)

    off = send(asking, "PUT", "/me/notices/kinds/plusk_received", {"listed": False})
    listed = told(asking, "/me/notices")
    on = send(asking, "PUT", "/me/notices/kinds/plusk_received", {"listed": True})
    unknown = send(asking, "PUT", "/me/notices/kinds/nothing", {"listed": True})

    assert (off.json()["listed"], on.json()["listed"]) == (False, True)
    assert (listed["notices"], listed["unread"]) == ([], 0)
    assert problem(unknown) == (404, "not-found")
    assert NoticeChoice.objects.get(user=nora).listed


def test_no_program_hides_what_protects_the_account() -> None:
    nora, asking = with_notices(0)

    hidden = send(asking, "PUT", "/me/notices/kinds/token_made", {"listed": False})
    shown = send(asking, "PUT", "/me/notices/kinds/token_made", {"listed": True})

    assert problem(hidden) == (422, "invalid")
    assert hidden.json()["errors"][0]["where"] == "body.listed"
    assert shown.json()["listed"] is True
    assert not NoticeChoice.objects.filter(user=nora, listed=False).exists()


def test_what_is_mailed_and_when_can_be_had() -> None:
    nora, asking = with_notices(0)
    mailing.choose(user=nora, digest="weekly", quiet=(22, 7), kinds=["badge_earned"], now=NOW)

    mails, kinds = told(asking, "/me/mails"), told(asking, "/me/notices/kinds")["kinds"]

    by_name = {one["kind"]: one for one in kinds}
    assert (mails["digest"], mails["quiet_from"], mails["quiet_to"]) == ("weekly", 22, 7)
    assert mails["next_morning_at"]
    assert by_name.keys() == KINDS.keys()
    assert by_name["badge_earned"]["mailed"] is True
    assert (by_name["token_made"]["mail"], by_name["token_made"]["mailed"]) == ("always", None)


def test_a_link_comes_with_what_is_wrong_and_its_reads() -> None:
    nora = scenes.known()
    source = nora.sources.get()
    for code in ("ok", "revoked"):
        SyncRun.objects.create(
            source=source, started_at=NOW, ended_at=NOW, code=code, left_out={"private": 3}
        )
    nora.sources.update(code="revoked", code_since=NOW)
    asking = program(token_of(nora))

    told_of = told(asking, f"/me/links/{source.pk}")
    others = [asking.get(f"{BASE}/me/links/{odd}") for odd in (0, -1, 10**30, source.pk + 1)]

    assert told_of["link"]["state"] == "needs_you"
    assert told_of["findings"][0]["code"] == "revoked"
    assert told_of["findings"][0]["what_to_do"]
    assert [run["code"] for run in told_of["reads"]] == ["revoked", "ok"]
    assert told_of["reads"][1]["left_out"].startswith("3 ")
    assert {problem(one) for one in others} == {(404, "not-found")}


def test_cases_tokens_and_blocks_can_be_had() -> None:
    nora, ahmed = scenes.known(), scenes.member("ahmed")
    secret = token_of(nora)
    asking, named = program(secret), scenes.named(nora)
    blocking.block(by=nora, whom=ahmed, now=NOW)

    (case,) = told(asking, "/me/cases")["cases"]
    whole = told(asking, f"/me/cases/{named['case']}")
    (token,) = told(asking, "/me/tokens")["tokens"]
    (blocked,) = told(asking, "/me/blocks")["blocked"]

    assert (case["id"], case["answered"], case["closed_at"]) == (int(named["case"]), False, None)
    assert [(one["by"], one["text"]) for one in whole["messages"]] == [("you", "Why?")]
    assert whole["report"] == "link 1"
    assert token["begins"] == secret[:10]
    assert secret not in str(token)
    assert blocked["handle"] == "ahmed"


def test_the_pulse_shows_who_shows_it_and_they_read_who_asked() -> None:
    nora, ahmed = scenes.among_friends()
    yesterday = TODAY.replace(day=TODAY.day - 1)
    snapshot(ahmed, 30.0, day=yesterday)
    ahmed.profile.score = "members"
    ahmed.profile.save()
    asking = program(token_of(nora))

    friends = told(asking, "/me/pulse")
    risers = told(asking, "/me/pulse?of=risers&topic=django")
    beyond = told(asking, "/me/pulse?page=9")
    wrong = [asking.get(f"{BASE}/me/pulse?{query}") for query in ("of=me", "page=0")]
    unknown = asking.get(f"{BASE}/me/pulse?topic=xyzzy")

    assert [(one["name"], one["you"]) for one in friends["people"]][-1] == ("Ahmed", False)
    assert friends["people"][-1]["week_change"] is None
    assert risers["listed"] <= 1
    assert (beyond["people"], friends["note"]) == ([], "")
    assert beyond["note"] == "Nothing lies beyond the last page."
    assert {problem(one) for one in wrong} == {(422, "invalid")}
    assert problem(unknown) == (404, "not-found")
    assert ScoreAsked.objects.get(user=ahmed).times == 1
    assert PlusK.objects.count() == 2


def test_who_moved_whom_and_when_posts_are_answered_can_be_had() -> None:
    nora, source = people_scenes.author()
    people_scenes.posts_that_moved(source, [0.2, 0.6])
    asking = program(token_of(nora))

    moved, when = told(asking, "/me/moved"), told(asking, "/me/when")

    assert moved["window_days"] == 90
    assert sum(one["points"] for one in (*moved["people"], *moved["others"])) == pytest.approx(0.8)
    assert when["posts_missing"] > 0
    assert (when["usual_percent"], when["bands"], when["weekdays"]) == (None, [], [])


def test_when_tells_each_time_once_there_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    nora = scenes.known(**ALL)
    monkeypatch.setattr("scoring.people.posting.ENOUGH_POSTS", 0)
    monkeypatch.setattr("scoring.people.posting.ENOUGH_DAYS", 0)

    when = told(program(token_of(nora)), "/me/when")

    assert (len(when["bands"]), len(when["weekdays"])) == (BANDS, DAYS)
    assert when["bands"][3]["from_hour"] == 9
    assert when["weekdays"][0]["weekday"] == 1
    assert {one["word"] for one in when["weekdays"]} <= {"more", "less", "open", "few"}
