"""For operators: +K that were reported, and what is ruled about them. Staff only."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.figures import moment
from accounts.views.ops import operators_only
from scoring import plusk
from scoring.models import PlusK
from scoring.views import taxonomy as names

RULINGS = {"void": True, "restore": False}


@dataclass(frozen=True, slots=True)
class Reported:
    """A +K that its receiver reported."""

    number: int
    topic: str
    because: str
    giver: str
    receiver: str
    at: str
    void: bool


@require_GET
@operators_only
def ops_plusk(request: HttpRequest) -> HttpResponse:
    """Show what was reported, the newest first."""
    now = timezone.now()
    rows = [_reported(one, now) for one in plusk.reported()]
    return render(request, "scoring/plusk/ops.html", {"rows": rows})


@require_POST
@operators_only
def ops_plusk_rule(request: HttpRequest, plusk_id: int, act: str) -> HttpResponse:
    """Take a +K out of what counts, or put it back."""
    if act not in RULINGS:
        raise Http404(_("A +K is made void or put back, and nothing else."))
    try:
        plusk.rule(plusk_id=plusk_id, void=RULINGS[act], now=timezone.now())
    except PlusK.DoesNotExist as error:
        raise Http404(_("There is no +K of this number.")) from error
    said = _("It counts no longer.") if RULINGS[act] else _("It is not void any more.")
    messages.success(request, said)
    return redirect("ops_plusk")


def _reported(entry: plusk.Reported, now: datetime) -> Reported:
    one = entry.given
    return Reported(
        number=one.pk,
        topic=names.name_of(one.topic),
        because=entry.because,
        giver=one.giver.user.called if one.giver.user else _("Somebody who left"),
        receiver=one.receiver.user.called if one.receiver.user else _("Somebody who left"),
        at=moment(entry.at, now),
        void=entry.state.void,
    )
