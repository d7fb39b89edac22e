"""Cases: a person asks, an operator answers, inside the site and with dates.

A case keeps the facts as they stood when it was opened. One source has at most one open case: what
is asked about it again joins that one.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import notices, written
from accounts.case_subjects import QUESTION, About, said
from accounts.models import Case, CaseMessage, Source, User
from accounts.signals import letter_due
from accounts.speech import say

LONGEST = 4_000  # characters of one message
OPEN_AT_MOST = 10  # of one person
_MENDED_LATELY = timedelta(days=2)


class CaseError(Exception):
    """Something about a case could not be done. `str(error)` says why and what to do."""


def open_case(
    *,
    user: User,
    text: str,
    report: str,
    now: datetime,
    source: Source | None = None,
    about: About = QUESTION,
) -> Case:
    """Open a case for a person, or add to the open one about the same source.

    `about` is what it is about where that is no source. Raises CaseError for an empty or overlong
    text, and for one case too many.
    """
    text = _checked(text)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        held = _held(source.pk) if source else None
        if source is not None and held is None:
            raise CaseError(
                say(
                    "“{title}” was unlinked in the meantime. Ask without a link: say which it was.",
                    title=source.title,
                )
            )
        case = _open_about(held)
        if case is None:
            if user.cases.filter(closed_at=None).count() >= OPEN_AT_MOST:
                raise CaseError(
                    say(
                        "You have {open_at_most} open cases. Add to one of them, or "
                        "close one first.",
                        open_at_most=OPEN_AT_MOST,
                    )
                )
            case = _new(user, held, report, now, by_site=False, about=about)
        CaseMessage.objects.create(case=case, author=user, text=text, at=now)
        _touch(case, now)
    return case


def still_refused(*, source: Source, report: str, words: str, now: datetime) -> Case | None:
    """Open a case by itself when a person connected again and the network refuses all the same.

    Returns the case, or None when there is no need: nobody connected again lately, or it was read
    since, or a case is open already. Call inside the transaction that writes the refusal.
    """
    mended = source.mended_at
    if mended is None or now - mended > _MENDED_LATELY:
        return None
    if source.read_at is not None and source.read_at >= mended:
        return None
    held = _held(source.pk)
    if held is None or _open_about(held) is not None:
        return None
    case = _new(source.user, held, report, now, by_site=True)
    said = f" ({words})" if words else ""
    CaseMessage.objects.create(
        case=case,
        text=(
            say(
                "You connected again and “{title}” is still refused{said}. It is not "
                "you. We look into it; nothing is yours to do. Your score is held as the "
                "link's page says.",
                title=source.title,
                said=said,
            )
        ),
        at=now,
    )
    return case


def reply(*, case: Case, author: User, text: str, now: datetime, by_operator: bool = False) -> None:
    """Add a message. A closed case opens again; the person is written to when an operator answers.

    Raises CaseError for an empty or overlong text, and when another case about the same source is
    open by now.
    """
    text = _checked(text)
    with transaction.atomic():
        other = _open_about(_held(case.source_id))
        locked = Case.objects.select_for_update().get(pk=case.pk)
        if locked.closed_at is not None and other is not None:
            raise CaseError(say("Case {pk} is open about the same link. Write there.", pk=other.pk))
        message = CaseMessage.objects.create(
            case=locked, author=author, by_operator=by_operator, text=text, at=now
        )
        locked.closed_at = None
        _touch(locked, now)
        if by_operator:
            letter_due.send(
                Case,
                key=f"case:{locked.pk}:{message.pk}",
                user_id=locked.user_id,
                payload={
                    "kind": "case_answered",
                    "person": locked.user_id,
                    "case": locked.pk,
                    "message": message.pk,
                },
                at=now,
            )
            notices.tell(
                person_id=locked.user_id,
                kind="case_answered",
                key=str(message.pk),
                values={"case": locked.pk, "subject": locked.about or locked.subject},
                now=now,
            )


def close(*, case: Case, now: datetime) -> None:
    """Close a case. Closing one that is closed changes nothing."""
    Case.objects.filter(pk=case.pk, closed_at=None).update(closed_at=now, changed_at=now)


def _held(source_id: int | None) -> Source | None:
    """Return a source with its row locked: before the case about it, by all who open one.

    Whoever opens one meanwhile waits here, and then finds this one.
    """
    if source_id is None:
        return None
    source: Source | None = Source.objects.filter(pk=source_id).locked().first()
    return source


def _open_about(source: Source | None) -> Case | None:
    """Return the open case about a source, locked."""
    if source is None:
        return None
    return Case.objects.select_for_update().filter(source=source.pk, closed_at=None).first()


def _new(
    user: User,
    source: Source | None,
    report: str,
    now: datetime,
    *,
    by_site: bool,
    about: About = QUESTION,
) -> Case:
    if source is not None:
        about = {"kind": "link", "title": source.title, "network": source.network}
    return Case.objects.create(
        user=user,
        source=source,
        about=dict(about),
        subject=said(about)[:200],
        report=report,
        by_site=by_site,
        opened_at=now,
        changed_at=now,
    )


def _touch(case: Case, now: datetime) -> None:
    case.changed_at = now
    case.save(update_fields=["changed_at", "closed_at"])


def _checked(text: str) -> str:
    """Return a message without blanks around it. Raises CaseError."""
    text = written.lines(text, CaseError)
    if not text:
        raise CaseError(say("Nothing is written yet. Say in a sentence what is wrong."))
    if len(text) > LONGEST:
        raise CaseError(
            say(
                "That is {n} characters; {longest} fit. Shorten it, or send it in two.",
                n=len(text),
                longest=LONGEST,
            )
        )
    return text
