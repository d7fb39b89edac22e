"""+K as the log lists it: what became of each, and what may be done about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.figures import moment
from accounts.models import User
from scoring import plusk, words
from scoring.engine.plusk import PER_DAY, Act, may_undo
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.trust import WHOLE, Why
from scoring.views import taxonomy as names
from scoring.views.my_topics import Button

# What is said to who received one that counts less, and to who gave it: nothing of third people.
_RECEIVED: dict[Why, str | Promise] = {
    Why.UNKNOWN: gettext_lazy("Little is known here yet of who gave it."),
    Why.MUTUAL: gettext_lazy("You two give each other +K."),
    Why.CLAN: gettext_lazy("It is one of many in a group that gives each other +K."),
    Why.REPEATED: gettext_lazy(
        "%(name)s gave you more than %(whole)s in all; each further one counts less."
    ),
}
_GIVEN: dict[Why, str | Promise] = _RECEIVED | {
    Why.UNKNOWN: gettext_lazy(
        "Little is known of you here yet: it counts more once you linked an account that people "
        "react to."
    ),
    Why.REPEATED: gettext_lazy(
        "You gave %(name)s more than %(whole)s in all; each further one counts less."
    ),
}


class CaseLink(NamedTuple):
    """The way to a case that the reader opened."""

    said: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A +K in the log. `handle` is "" where there is no page to go to.

    back: where one can give something back; report: where it is reported, once that was asked for;
    both "" where that cannot be. asked: why nobody can question it any more.
    weight: what it counts and why, in a sentence; "" where it counts wholly.
    """

    id: int
    name: str
    handle: str
    topic: str
    topic_url: str
    at: str
    because: str
    public: str
    state: str
    weight: str
    asked: str
    cases: list[CaseLink]
    new: bool
    back: str
    report: str
    buttons: list[Button]


def left_today(viewer: User, now: datetime) -> str:
    """Return how many +K are left, and when new ones come. One query."""
    return left_words(plusk.left(viewer, now=now), now)


def left_words(left: plusk.Left, now: datetime) -> str:
    """Return how many +K are left of today's, and when new ones come."""
    if not left.number:
        return _("None left today. New ones at %(at)s.") % {"at": moment(left.ends_at, now)}
    form = ngettext("%(n)s of %(all)s left today.", "%(n)s of %(all)s left today.", left.number)
    return form % {"n": left.number, "all": PER_DAY}


def older(entries: list[plusk.Entry]) -> int | None:
    """Return before which +K the older ones are, where the page is full."""
    return entries[-1].given.pk if len(entries) == plusk.SHOWN else None


def called(other: plusk.Other) -> str:
    """Return the name of who gave or got a +K; one word for all who cannot be named."""
    return other.name or _("Somebody who is not named here")


def to_give(handle: str, topic: str = "") -> str:
    """Return where one gives somebody +K, perhaps in a topic that one came for."""
    query = {"to": f"@{handle}", "topic": topic} if topic else {"to": f"@{handle}"}
    return f"{reverse('plusk_give')}?{urlencode(query, safe='@')}"


def received(entry: plusk.Entry, now: datetime) -> Row:
    """Return a +K as its receiver sees it."""
    state = entry.state
    acts: list[tuple[str, str | Promise]] = []
    if state.waiting:
        acts = [("accept", _("Accept")), ("hide", _("No, thank you"))]
    elif state.hidden and not state.reported:
        acts = [("accept", _("Show it again"))]
    elif not state.hidden:
        acts = [] if state.thanked else [("thank", _("Thank"))]
        acts.append(("hide", _("Hide")))
    if state.counts:
        acts += _question(entry)
    back = to_give(entry.other.handle) if entry.other.handle and not state.hidden else ""
    report = "" if state.reported else reverse("plusk_act", args=[entry.given.pk, "report"])
    return _row(entry, now, acts, back=back, report=report)


def given(entry: plusk.Entry, now: datetime) -> Row:
    """Return a +K as its giver sees it, who is not told that it was hidden."""
    open_ = not entry.state.undone and may_undo(entry.given.at, now)
    acts: list[tuple[str, str | Promise]] = [("undo", _("Undo"))] if open_ else []
    return _row(entry, now, acts + _question(entry), own=True)


def _question(entry: plusk.Entry) -> list[tuple[str, str | Promise]]:
    """Return the way to ask why it counts less, once."""
    weighed = _is_weighed(entry) and not entry.state.questioned
    return [("question", _("Question this"))] if weighed else []


def _asked(entry: plusk.Entry) -> str:
    """Return why nobody can question it any more, to who did not: neither is told of the other."""
    mine = any(one.by is Act.QUESTION for one in entry.opened)
    if mine or not (_is_weighed(entry) and entry.state.questioned):
        return ""
    return _("How much this counts was questioned already, which can be done once.")


def _case(opened: plusk.Opened, now: datetime) -> CaseLink:
    facts = {"number": opened.case, "at": moment(opened.at, now)}
    if opened.by is Act.REPORT:
        said = _("You reported this: case %(number)s, %(at)s") % facts
    else:
        said = _("You questioned this: case %(number)s, %(at)s") % facts
    return CaseLink(said, reverse("case", args=[opened.case]))


def _is_weighed(entry: plusk.Entry) -> bool:
    """Tell whether something is said of a weight. A giver is not told what was hidden."""
    state = entry.state
    return entry.weight < 1.0 and not (state.undone or state.unaccepted or state.void)


def _weight(entry: plusk.Entry, *, own: bool) -> str:
    """Return what a +K counts and why, where it counts less than 1.

    Its giver reads how much at most, which is true as well of one that was hidden.
    """
    if not _is_weighed(entry) or (entry.state.hidden and not own):
        return ""
    texts = _GIVEN if own else _RECEIVED
    named = {"name": called(entry.other), "whole": WHOLE}
    facts = {
        "less": words.signed(entry.weight - 1.0, 2),
        "weight": words.decimal(entry.weight, 2),
        "because": str(texts[entry.why]) % named,
    }
    if own:
        return _("It counts %(weight)s at most. %(because)s") % facts
    return _("%(less)s: it counts %(weight)s. %(because)s") % facts


def _row(
    entry: plusk.Entry,
    now: datetime,
    acts: list[tuple[str, str | Promise]],
    *,
    back: str = "",
    report: str = "",
    own: bool = False,
) -> Row:
    one = entry.given
    return Row(
        id=one.pk,
        name=called(entry.other),
        handle=entry.other.handle,
        topic=names.name_of(one.topic),
        topic_url=reverse("topic", args=[one.topic]) if taxonomy().get(one.topic) else "",
        at=moment(one.at, now),
        because=entry.because,
        public=_public(entry, own=own),
        state=_state(entry, own=own),
        weight=_weight(entry, own=own),
        asked=_asked(entry),
        cases=[_case(one, now) for one in entry.opened],
        new=entry.new,
        back=back,
        report=report,
        buttons=[
            Button(str(label), reverse("plusk_act", args=[one.pk, act])) for act, label in acts
        ],
    )


def _public(entry: plusk.Entry, *, own: bool) -> str:
    """Return who may read the words besides the two, "" for nobody."""
    state = entry.state
    if not entry.public or not entry.because or state.undone or state.void:
        return ""
    if own:
        return _("You let them show these words on their page.")
    if state.waiting:
        return _("Once you accept this, those who see +K on your page may read these words.")
    if state.hidden:
        return ""
    return _("Those who see +K on your page may read these words, unless you hide this.")


def _state(entry: plusk.Entry, *, own: bool) -> str:
    """Return what became of a +K."""
    state = entry.state
    if state.undone:
        return _("Taken back")
    if state.void:
        return _("Made void by an operator: it does not count")
    if own and state.unaccepted:
        return _("New topic: it counts once they accept it")
    if state.waiting:
        return _("New topic: it counts once you accept it")
    if state.hidden and not own:
        return _("Reported") if state.reported else _("Hidden")
    if state.thanked:
        return _("Thanked you") if own else _("You thanked")
    return ""
