"""How a score went, for the mail of a week or a month: one line, and what moved it most."""

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.letter_texts import Digest
from scoring import engine, words
from scoring.explain import Line, explain
from scoring.models import ScoreSnapshot

REASONS = 3
LONGEST = 60  # letters of a post in the line that leads
_WEEK = timedelta(days=7)


def digest_of(user_id: int, since: date, until: date) -> Digest | None:
    """Return what a digest says of the days between; None while there is no score.

    It compares the last counted day before `since` (else the first one) with the newest.
    """
    scored = ScoreSnapshot.objects.filter(
        user=user_id, model=engine.ALGORITHM, score__isnull=False, day__lte=until
    )
    end = scored.order_by("-day").first()
    if end is None or end.score is None:
        return None
    start = scored.filter(day__lte=since).order_by("-day").first()
    start = start or scored.order_by("day").first()
    if start is None or start.score is None or start.day == end.day:
        summary = _("%(score)s: your first score.") % {"score": words.decimal(end.score)}
        return Digest(summary, (), settings.SITE_URL + reverse("score"))
    tenths, hundredths = (
        round(round(end.score, places) - round(start.score, places), places) for places in (1, 2)
    )
    lines = explain(
        user_id=user_id,
        model=end.model,
        after=start.day,
        until=end.day,
        changes=(tenths, hundredths),
    )
    url = f"{settings.SITE_URL}{reverse('why')}?from={start.day}&to={end.day}"
    summary = _summary(end.score, tenths, lines, monthly=until - since > _WEEK)
    return Digest(summary, tuple(_reason(line) for line in lines[:REASONS]), url)


def _summary(score: float, change: float, lines: list[Line], *, monthly: bool) -> str:
    """Return the line that leads: the number, its change where that is good news, and why."""
    facts = {"score": words.decimal(score), "change": words.decimal(change)}
    if change > 0:
        most = next((line for line in lines if line.title and 2 * line.shown >= change), None)
        if most is None:
            return _("%(score)s, up %(change)s.") % facts
        post = Truncator(most.title).chars(LONGEST)
        said = _("%(score)s, up %(change)s. “%(post)s” did most of it.")
        return said % (facts | {"post": post})
    if change < 0 and monthly:
        return _("%(score)s this month. What moved.") % facts
    if change < 0:
        return _("%(score)s this week. What moved.") % facts
    if monthly:
        return _("%(score)s, the same as last month.") % facts
    return _("%(score)s, the same as last week.") % facts


def _reason(line: Line) -> str:
    if not line.title:
        return _("%(points)s: %(why)s") % {"points": line.figure, "why": line.text}
    return _("%(points)s: “%(post)s”, %(why)s") % {
        "points": line.figure,
        "post": line.title,
        "why": line.text,
    }
