"""Every state and every code says what happened, why, and what to press."""

import re

import pytest

from accounts import diagnosis, findings, states
from accounts.checkup import ASKS, TITLES, Check, Status, broken_by, status_of
from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.diagnosis import (
    Facts,
    checks,
    diagnose,
    left_out_in_words,
    posts_in_words,
    state_text,
    title_of,
)
from accounts.models import Source

BROKEN = [code for code in Code if code != Code.OK]
FORBIDDEN = re.compile(r"oops|!|simply|\{|\}", re.IGNORECASE)


def facts(state: str = "healthy", code: Code = Code.OK, **values) -> Facts:
    known = {
        "network": "Facebook",
        "title": "Map Room Lisbon",
        "since": "04:12 on 18 November",
        "read": "06:05 today",
        "tried": "08:00 today",
        "retry": "09:40 today",
        "holds_until": "2 December",
        "fades_until": "16 December",
        "posts": 31,
        "reactions": 12,
    }
    return Facts(state=state, code=code, **known | values)


@pytest.mark.parametrize("state", list(Source.State))
def test_every_state_says_what_it_is_what_to_do_and_what_the_score_does(state: str) -> None:
    text = state_text(facts(state, limited=("No likes were read.",), paused="07:00 today"))

    assert text.tone in {"good", "info", "warn", "bad"}
    for sentence in (text.says, text.action, text.effect):
        assert sentence.endswith(".")
        assert not FORBIDDEN.search(sentence)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (Code.RATE_LIMITED, "Facebook asked us to wait until 09:40 today."),
        (
            Code.QUOTA_EXHAUSTED,
            (
                "It answers only so many questions of this site a day. Today's is used up; we read "
                "again at 09:40 today."
            ),
        ),
        (Code.TRANSIENT, "No answer from Facebook since 04:12 on 18 November."),
        (Code.OK, "Not read since 06:05 today."),
    ],
)
def test_slow_says_why(code: Code, sentence: str) -> None:
    text = state_text(facts("slow", code))

    assert text.says == sentence
    for part in (text.says, text.action, text.effect):
        assert part.endswith(".")
        assert not FORBIDDEN.search(part)


def test_a_server_that_does_not_answer_is_called_by_its_name() -> None:
    link = facts("slow", Code.TRANSIENT, network="Mastodon", server="kartor.social")

    assert state_text(link).says.startswith("No answer from kartor.social")


def test_a_check_that_is_fine_repeats_nothing() -> None:
    listed = checks(facts())

    assert [check.detail for check in listed[:5]] == [""] * 5
    assert listed[5].detail == "Last read at 06:05 today."


@pytest.mark.parametrize("state", list(Source.State))
@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("besides", [{}, {"halted": "They move.", "halted_since": "08:00 today"}])
def test_every_state_with_every_code_has_text_action_and_effect(
    state: str, code: Code, besides: dict
) -> None:
    link = facts(state, code, limited=("No likes were read.",), paused="07:00 today", **besides)

    text, found = state_text(link), diagnose(link)

    for sentence in (text.says, text.action, text.effect):
        assert sentence.endswith(".")
        assert not FORBIDDEN.search(sentence)
    for each in found:
        assert each.title
        assert each.why.endswith(".")
        assert each.what_to_do.endswith(".")
        assert not FORBIDDEN.search(f"{each.title} {each.why} {each.what_to_do}")
    assert bool(found) != bool(besides)


def test_every_check_of_the_doctor_has_a_title_a_question_and_every_finding_its_words() -> None:
    assert set(TITLES) == set(ASKS) == set(Check)
    for found in findings.BY_CODE.values():
        assert found.why.endswith((".", "}"))
        assert found.what_to_do.endswith(".")
    for code in BROKEN:
        for check in Check:
            assert broken_by(code, check) in Check
            assert status_of(code, check) in {Status.FAIL, Status.WAIT, Status.WARN}


def test_no_state_or_finding_is_written_down_that_does_not_exist() -> None:
    assert set(states.STATES) == set(Source.State.values)
    assert set(findings.FINDINGS) == set(BROKEN)


@pytest.mark.parametrize("code", BROKEN)
def test_every_code_says_what_happened_why_and_what_to_do(code: Code) -> None:
    found = diagnose(facts("our_fault", code))[0]

    assert found.code == code
    assert found.severity == ("bad" if code in NEEDS_PERSON else "warn")
    for sentence in (found.why, found.what_to_do):
        assert sentence.endswith(".")
    assert not FORBIDDEN.search(f"{found.title} {found.why} {found.what_to_do}")
    assert title_of(code, facts()) == found.title


@pytest.mark.parametrize("code", BROKEN)
def test_what_the_person_can_mend_has_something_to_press_and_nothing_else_has(code: Code) -> None:
    found = diagnose(facts("our_fault", code))[0]

    assert bool(found.fix) == (code in NEEDS_PERSON or code == Code.EXPIRING)


@pytest.mark.parametrize("code", BROKEN)
def test_the_check_list_names_the_first_broken_line_and_tries_nothing_after_it(code: Code) -> None:
    listed = checks(facts("needs_you", code))

    states = [check.status for check in listed[:-1]]
    broken = next(number for number, status in enumerate(states) if status in {"fail", "now"})
    assert states[:broken] == ["done"] * broken
    assert states[broken + 1 :] == [""] * (len(states) - broken - 1)
    assert (states[broken] == "fail") == (
        code not in {Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED, Code.TRANSIENT, Code.EXPIRING}
    )


def test_a_link_that_works_has_nothing_to_find_and_everything_checked() -> None:
    link = facts(left_out={"not_public": 3, "future": 1, "odd_one": 3})

    found, listed = diagnose(link), checks(link)

    assert found == []
    assert [check.status for check in listed] == ["done"] * 7
    assert listed[-1].detail == (
        "31 posts in the last good read, with 12 new reactions. "
        "Left out: 3 not public, 3 odd one, 1 dated in the future."
    )


@pytest.mark.parametrize(
    ("posts", "recent", "said"),
    [
        (131, None, "131 posts in the last good read"),
        (131, 68, "131 posts in the last good read, 68 of the last 90 days"),
        (68, 68, "68 posts in the last good read, all of the last 90 days"),
        (1, 68, "1 post in the last good read, 68 of the last 90 days in all"),
    ],
)
def test_a_number_of_posts_says_of_which_days_it_speaks(
    posts: int, recent: int | None, said: str
) -> None:
    assert posts_in_words(posts, recent) == said


@pytest.mark.parametrize("code", [Code.ROLE_LOST, Code.REVOKED, "other_account"])
def test_a_refusal_not_believed_yet_names_its_reason_and_its_mend_once(code: str) -> None:
    link = facts(refused=True, refused_as=code)

    found = diagnose(link)

    named = diagnosis.finding(code, link)
    assert named is not None
    assert [each.code for each in found] == ["refused_once"]
    assert f"What it told us: {named.title}." in found[0].why
    assert named.what_to_do[1:] in found[0].what_to_do
    assert found[0].fix == named.fix


def test_before_the_first_read_nothing_is_claimed() -> None:
    link = facts("reading", read="", tried="", posts=None, reactions=None)

    listed = checks(link)

    assert {check.status for check in listed} == {""}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"consent_ends": "04:12 on 24 November"}, "expiring"),
        ({"consent_ended": True}, "expired"),
        ({"available": False}, "vanished"),
        ({"refused": True}, "refused_once"),
        ({"limited": ("Who reacted was not read.",)}, "limited"),
        ({"stale": True}, "stale"),
        ({"state": "paused", "paused": "07:00 today"}, "paused"),
        ({"state": "not_chosen"}, "not_chosen"),
    ],
)
def test_what_no_code_tells_is_found_too(values: dict, code: str) -> None:
    found = diagnose(facts(**values))

    assert [finding.code for finding in found] == [code]
    assert not FORBIDDEN.search(f"{found[0].title} {found[0].why} {found[0].what_to_do}")


def test_what_presses_most_comes_first() -> None:
    found = diagnose(facts("paused", Code.REVOKED, limited=("Who reacted was not read.",)))

    assert [finding.severity for finding in found] == ["bad", "warn", "info"]


def test_nothing_can_break_in_an_archive() -> None:
    archive = facts(archive=True, stale=True)

    assert diagnose(archive) == []
    assert checks(archive) == []
    assert state_text(archive).says == "Read once, at 06:05 today."


def test_nothing_left_out_is_said_with_no_words() -> None:
    assert left_out_in_words({}) == ""


@pytest.mark.parametrize("hostile", ["{network.__class__}", "{0}", "%s {", "<b>"])
def test_a_title_is_shown_as_it_is_and_never_read_as_a_template(hostile: str) -> None:
    found = diagnose(facts("needs_you", Code.ROLE_LOST, title=hostile))

    assert found[0].title == f"You no longer run “{hostile}”"
