"""+K: who gave me what and what I gave, giving it, and what may be done about one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import cases
from accounts.figures import moment
from accounts.models import User
from accounts.views import person, pressed
from scoring import plusk, words
from scoring.engine.plusk import LONGEST, UNDO_FOR
from scoring.views import plusk_rows as rows
from scoring.views import taxonomy as names

LONGEST_ID = 18  # digits
LONGEST_TO = 80  # letters after which no handle is looked for
NOBODY = 0  # an id that nobody has


class Act(NamedTuple):
    """What is done about a +K, and what is said when it is. takes: what its form asks for."""

    do: Callable[..., object]
    said: str | Promise
    takes: tuple[str, ...] = ()


ACTS: dict[str, Act] = {
    "undo": Act(plusk.undo, gettext_lazy("Taken back. It counts no longer.")),
    "accept": Act(plusk.accept, gettext_lazy("It counts for you.")),
    "hide": Act(plusk.hide, gettext_lazy("Hidden. It counts no longer, and nobody is told.")),
    "thank": Act(plusk.thank, gettext_lazy("Thanked. They see it beside what they gave.")),
    "question": Act(plusk.question, gettext_lazy("Asked. The answer comes as a case.")),
    "report": Act(
        plusk.report,
        gettext_lazy("Reported and hidden. The answer comes as a case."),
        takes=("words",),
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic to give +K in, and how much counts there.

    again: when that may be done, where it was done lately; else "".
    """

    slug: str
    name: str
    counted: str
    again: str
    chosen: bool


@require_GET
def plusk_log(request: HttpRequest) -> HttpResponse:
    """Show what the person received and gave; what was new is seen from then on."""
    got, gave = (_number(request.GET.get(name, "")) for name in ("got", "gave"))
    return _log(request, got_before=got, gave_before=gave)


@require_http_methods(["GET", "POST"])
def plusk_give(request: HttpRequest) -> HttpResponse:
    """Show the form for somebody; POST gives. Who names nobody is led to the search for people."""
    viewer, now = person(request), timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    if request.method == "GET" and not asked.get("to", ""):
        return redirect("people")
    to, typed = asked.get("to", "")[:LONGEST_TO], names.asked(asked.get("other", ""))
    receiver = plusk.find(to, viewer=viewer, now=now)
    own = receiver is not None and receiver.user.pk == viewer.pk
    topic = names.called(typed) or typed or asked.get("topic", "")
    error = ""
    if request.method == "POST":
        because = asked.get("because", "")
        try:
            given = plusk.give(
                giver_id=viewer.pk,
                receiver_id=receiver.user.pk if receiver else NOBODY,
                topic=topic,
                because=because,
                public=asked.get("public") == "yes",
                now=now,
            )
        except plusk.PlusKError as refused:
            error = str(refused)
        else:
            messages.success(request, _said(given.pk, viewer, now))
            return redirect("plusk")
    context: dict[str, Any] = {
        "error": error,
        "because": asked.get("because", ""),
        "public_words": asked.get("public") == "yes",
        "other": typed,
        "own": own,
    }
    if receiver is not None and not own:
        context |= form_of(receiver, viewer=viewer, now=now, topic=topic)
    status = 400 if error else 200 if "receiver" in context else 404
    return render(request, "scoring/plusk/give.html", context, status=status)


@pressed("plusk")
def plusk_act(request: HttpRequest, plusk_id: int, act: str) -> HttpResponse:
    """Do one thing about a +K of the person, and go back to the log; refused words stay there."""
    if act not in ACTS:
        raise Http404(_("There is nothing of this name to do about a +K."))
    typed = {name: request.POST.get(name, "") for name in ACTS[act].takes}
    try:
        ACTS[act].do(user_id=person(request).pk, plusk_id=plusk_id, now=timezone.now(), **typed)
    except plusk.PlusKError as refused:
        messages.error(request, str(refused))
    except cases.CaseError as refused:
        messages.error(request, str(refused))
        if typed:
            unsent = {"id": plusk_id, **typed}
            return _log(request, got_before=plusk_id + 1, unsent=unsent, status=400)
    else:
        messages.success(request, str(ACTS[act].said))
    return redirect("plusk")


def _log(
    request: HttpRequest,
    *,
    got_before: int,
    gave_before: int = 0,
    unsent: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the log. unsent: what was written of a +K and refused, with its "id"."""
    viewer, now = person(request), timezone.now()
    got = plusk.received(viewer, before=got_before or None)
    gave = plusk.given(viewer, before=gave_before or None)
    if any(entry.new for entry in got):
        plusk.mark_seen(viewer.pk, got[0].given.pk)
    context = {
        "received": [rows.received(entry, now) for entry in got],
        "given": [rows.given(entry, now) for entry in gave],
        "older_received": rows.older(got),
        "older_given": rows.older(gave),
        "left": rows.left_today(viewer, now),
        "beyond_received": bool(got_before) and not got,
        "beyond_given": bool(gave_before) and not gave,
        "longest_report": cases.LONGEST,
        "unsent": unsent,
        "reachable": not got and plusk.glance(viewer, now=now).reachable,
    }
    return render(request, "scoring/plusk/log.html", context, status=status)


def _number(typed: str) -> int:
    """Return an id as it was sent; 0, which nothing has, for what is no id."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_ID else 0


def form_of(
    receiver: plusk.Receiver,
    *,
    viewer: User,
    now: datetime,
    topic: str = "",
    totals: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Return what scoring/plusk/_form.html needs to give somebody +K. One query.

    topic: the one that the viewer came for. totals: how much counts in each topic, where that was
    read already; else it is one more query, if the viewer sees it.
    """
    if totals is None:
        totals = plusk.totals_of(receiver.user.pk) if receiver.totals else {}
    outlook = plusk.outlook(viewer, receiver.user.pk, now=now)
    return {
        "receiver": receiver,
        "choices": [
            Choice(
                slug=slug,
                name=names.name_of(slug),
                counted=words.plusk(totals.get(slug, 0)),
                again=moment(outlook.lately.get(slug), now),
                chosen=slug == topic and slug not in outlook.lately,
            )
            for slug in receiver.shown
        ],
        "left": rows.left_words(outlook.left, now),
        "spent": not outlook.left.number,
        "giver_name": viewer.display_name.strip(),
        "longest": LONGEST,
        "minutes": int(UNDO_FOR.total_seconds() // 60),
    }


def _said(plusk_id: int, viewer: User, now: datetime) -> str:
    entry = plusk.given(viewer, before=plusk_id + 1)[0]
    facts = {
        "name": rows.called(entry.other),
        "topic": names.name_of(entry.given.topic),
        "until": f"{timezone.localtime(now + UNDO_FOR):%H:%M}",
    }
    if entry.state.waiting:
        return (
            _("%(name)s does not show %(topic)s yet and is asked first. Undo until %(until)s.")
            % facts
        )
    return _("%(name)s gets +K in %(topic)s. Undo until %(until)s.") % facts
