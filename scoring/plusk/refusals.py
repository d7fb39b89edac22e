"""Why a +K could not be given or changed, in sentences: what is so, and what to do."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.figures import moment
from scoring.engine.plusk import AGAIN_AFTER, LONGEST, PER_DAY, TRIES_PER_DAY, Reason
from scoring.engine.topics.taxonomy import taxonomy


class PlusKError(Exception):
    """A +K could not be given or changed. `str(error)` says why and what to do."""

    def __init__(self, text: str, reason: Reason | None = None) -> None:
        super().__init__(text)
        self.reason = reason


def called(topic: str) -> str:
    """Return the name of a topic in the reader's language."""
    known = taxonomy().get(topic)
    return topic if known is None else taxonomy().name(topic, get_language() or "en")


_TEXTS: dict[Reason, str | Promise] = {
    Reason.SELF: gettext_lazy("This is you. +K goes to somebody else."),
    Reason.SAME_ACCOUNT: gettext_lazy(
        "You and %(name)s linked the same account, so you count as one person. +K goes to somebody "
        "else."
    ),
    Reason.BLOCKED: gettext_lazy("You blocked %(name)s. End that first to give them +K."),
    Reason.PRIVATE: gettext_lazy(
        "Nobody of this address takes +K: they are not here, or their page is not open to you."
    ),
    Reason.NO_TOPIC: gettext_lazy("There is no such topic. Choose one of those that are listed."),
    Reason.SENSITIVE: gettext_lazy(
        "%(name)s does not show %(topic)s. Topics like this are never offered: choose another."
    ),
    Reason.TOO_LONG: gettext_lazy("“Because” has room for %(longest)s characters. Shorten it."),
    Reason.TOO_SOON: gettext_lazy(
        "You gave %(name)s +K in %(topic)s at %(last)s. Next at %(next)s."
    ),
    Reason.NONE_LEFT: gettext_lazy(
        "You have given all %(per_day)s for today. New ones at %(midnight)s."
    ),
    Reason.TOO_OFTEN_UNDONE: gettext_lazy(
        "You gave +K %(tries)s times today, those you took back included. New ones at %(midnight)s."
    ),
}


@dataclass(frozen=True, slots=True)
class Times:
    """When what was refused goes again, said as times are in the giver's zone.

    last_at: of the newest +K to the receiver in the topic. new_at: when the giver's day ends.
    """

    last_at: datetime | None
    new_at: datetime
    now: datetime
    zone: ZoneInfo


def sentence(reason: Reason, *, name: str, topic: str, times: Times) -> str:
    """Return what a person reads whose +K was not given. name: of the receiver."""
    if reason is Reason.NO_TOPIC and not topic:
        return _("Choose a topic.")
    last_at = times.last_at
    with timezone.override(times.zone):
        facts = {
            "name": name,
            "topic": called(topic),
            "longest": LONGEST,
            "per_day": PER_DAY,
            "tries": TRIES_PER_DAY,
            "last": moment(last_at, times.now),
            "next": moment(last_at and last_at + AGAIN_AFTER, times.now),
            "midnight": moment(times.new_at, times.now),
        }
    return str(_TEXTS[reason]) % facts
