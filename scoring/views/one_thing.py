"""One thing to do: the most useful of what home knows, in a sentence, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import whole
from scoring.views.links import News, counts_less

_URGENT = frozenset({"bad", "warn"})


@dataclass(frozen=True, slots=True)
class Todo:
    """Something a person may do: what it is about, and the button that leads there.

    runs_out: it is lost unless they do it soon.
    """

    text: str
    label: str
    url: str
    runs_out: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What home knows. links: news of them, the urgent first. waiting: +K in topics not accepted.

    offers: of other cards, the first in front. topics: something says what the person is known for.
    reachable: others may open their page.
    """

    links: Sequence[News] = ()
    waiting: int = 0
    offers: Sequence[Todo] = ()
    topics: bool = True
    reachable: bool = True


def one_thing(known: Known) -> Todo | None:
    """Return what helps most: what runs out, what stops the count, who waits, then what is open."""
    for offer in known.offers:
        if offer.runs_out:
            return offer
    for link in known.links:
        if link.tone in _URGENT:
            more = f" {counts_less()}" if link.tone == "bad" else ""
            return Todo(f"{link.text}.{more}", _("See what to do"), link.url)
    if known.waiting:
        return _answer(known.waiting)
    if known.offers:
        return known.offers[0]
    if not known.topics:
        text = _("Nothing tells yet what you are known for. You can add a topic yourself.")
        return Todo(text, _("Your topics"), reverse("my_topics"))
    if not known.reachable:
        text = _("Your page is closed, so nobody can give you +K. Who may open it is yours to say.")
        return Todo(text, _("What others see"), reverse("profile_settings"))
    return None


def _answer(waiting: int) -> Todo:
    form = ngettext(
        "%(n)s +K in a topic that is new for you waits until you accept it.",
        "%(n)s +K in topics that are new for you wait until you accept them.",
        waiting,
    )
    return Todo(form % {"n": whole(waiting)}, _("Have a look"), reverse("plusk"))
