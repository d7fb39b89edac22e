"""For operators: +K that were reported or questioned, and what is ruled about them. Staff only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts import written
from accounts.figures import moment
from accounts.models import User
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from scoring import plusk, words
from scoring.engine.plusk import LONGEST, Act
from scoring.models import PlusK, PlusKAct
from scoring.views import taxonomy as names


class Ruling(NamedTuple):
    """What an operator does, what is said then, and what the log calls it.

    sure: it cannot be taken back, so a reason is needed and a tick that says so.
    """

    do: Callable[..., None]
    said: str | Promise
    called: str | Promise
    sure: bool = False


RULINGS: dict[str, Ruling] = {
    Act.VOID: Ruling(
        partial(plusk.rule, void=True),
        gettext_lazy("It counts no longer."),
        gettext_lazy("Made void"),
    ),
    Act.RESTORE: Ruling(
        partial(plusk.rule, void=False),
        gettext_lazy("It is not void any more."),
        gettext_lazy("Put back"),
    ),
    Act.VOUCH: Ruling(
        plusk.vouch,
        gettext_lazy("It counts wholly from now on."),
        gettext_lazy("Counts wholly"),
        sure=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A +K that its receiver reported, or that either of the two questioned.

    weight: what it counts, "" where that is all of it. rulings: what operators did, and why.
    """

    number: int
    topic: str
    because: str
    giver: str
    receiver: str
    at: str
    reported: bool
    questioned: bool
    weight: str
    void: bool
    vouched: bool
    rulings: list[str]


@require_GET
@operators_only
def ops_plusk(request: HttpRequest) -> HttpResponse:
    """Show what was reported or questioned, the newest first."""
    now = timezone.now()
    rows = [_asked(one, now) for one in plusk.asked_about()]
    return render(request, "scoring/plusk/ops.html", {"rows": rows, "longest": LONGEST})


@pressed("ops_plusk")
@operators_only
def ops_plusk_rule(request: HttpRequest, plusk_id: int, act: str) -> HttpResponse:
    """Take a +K out of what counts, put it back, or let it count wholly for good."""
    ruling = RULINGS.get(act)
    if ruling is None:
        raise Http404(_("There is nothing of this name to rule about a +K."))
    reason = request.POST.get("reason", "").strip()
    if ruling.sure and not (reason and request.POST.get("sure") == "yes"):
        messages.error(request, _("Nothing was changed: say why, and that you are sure."))
        return redirect("ops_plusk")
    if written.hides(reason):
        messages.error(request, str(written.REFUSAL))
        return redirect("ops_plusk")
    try:
        ruling.do(plusk_id=plusk_id, now=timezone.now(), by_id=person(request).pk, reason=reason)
    except PlusK.DoesNotExist as error:
        raise Http404(_("There is no +K of this number.")) from error
    messages.success(request, str(ruling.said))
    return redirect("ops_plusk")


def _asked(entry: plusk.Asked, now: datetime) -> Asked:
    one, state = entry.given, entry.state
    return Asked(
        number=one.pk,
        topic=names.name_of(one.topic),
        because=entry.because,
        giver=_called(one.giver.user),
        receiver=_called(one.receiver.user),
        at=moment(entry.at, now),
        reported=state.reported,
        questioned=state.questioned,
        weight=words.decimal(entry.weight, 2) if entry.weight < 1.0 else "",
        void=state.void,
        vouched=state.vouched,
        rulings=[_ruled(act, now) for act in entry.acts if act.kind in RULINGS],
    )


def _called(user: User | None) -> str:
    return user.called if user else _("Somebody who left")


def _ruled(act: PlusKAct, now: datetime) -> str:
    """Return a ruling with its time, who ruled, and why, as far as that is known."""
    ruling = getattr(act, "ruling", None)  # none of those before reasons were kept
    said = [str(RULINGS[act.kind].called), moment(act.at, now)]
    if ruling is not None:
        said.append(ruling.by.called if ruling.by else _("by command, or by somebody who left"))
        said.append(ruling.reason)
    return " · ".join(filter(None, said))
