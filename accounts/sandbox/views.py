"""Pages of the made-up network: what it is, its consent page, its posts, its fault switches."""

from datetime import timedelta

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.utils import build_absolute_uri
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.doctor import ASK_AGAIN_AFTER
from accounts.health import SURE_AFTER
from accounts.linking import READ_AGAIN_AFTER
from accounts.sandbox import consent, people, switches, world
from accounts.sandbox.faults import MEANINGS, Fault

POSTS_SHOWN = 20
ACTS_SHOWN = 200
# What the consent page says about each permission.
_PERMISSIONS = {
    "profile": gettext_lazy(
        "See your name, handle and pages, with followers and your role on them"
    ),
    "posts": gettext_lazy("Read your public posts and their counts"),
    "reactions": gettext_lazy("See who reacted to them and when"),
}
_KINDS = {
    "like": gettext_lazy("Likes"),
    "reply": gettext_lazy("Replies"),
    "repost": gettext_lazy("Passed on"),
    "quote": gettext_lazy("Quotes"),
    "mention": gettext_lazy("Mentions"),
}
_CARRIED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


@login_not_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Say what the made-up network is and who lives there."""
    context = {
        "featured": people.featured(),
        "people_count": len(people.people()),
        "place_count": len(people.places()),
    }
    return render(request, "sandbox/index.html", context)


@login_not_required
@require_http_methods(["GET", "POST"])
def try_it(request: HttpRequest) -> HttpResponse:
    """Start signing in by the made-up network as the person made for newcomers."""
    if request.method == "GET":
        person = people.people()[people.NEWCOMER]
        return render(request, "sandbox/try.html", {"person": person})
    signed_in = request.user.is_authenticated
    started: HttpResponse = (
        get_adapter()
        .get_provider(request, "sandbox")
        .redirect(
            request,
            process=AuthProcess.CONNECT if signed_in else AuthProcess.LOGIN,
            auth_params={"login_hint": people.NEWCOMER},
        )
    )
    return started


@login_not_required
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the made-up person what Kloutsite may see, and send the answer back to its callback."""
    params = request.POST if request.method == "POST" else request.GET
    callback = build_absolute_uri(request, reverse("sandbox_callback"))
    try:
        ask = consent.parse(params, callback=callback)
        consent.check(ask, response_type=params.get("response_type", ""))
    except consent.UnknownClient as refused:
        return render(request, "sandbox/refused.html", {"why": str(refused)}, status=400)
    except consent.Refused as refused:
        return HttpResponseRedirect(ask.back(error=refused.code, error_description=str(refused)))
    if request.method == "GET":
        return _consent_page(request, ask)
    return _answer(request, ask)


def _consent_page(request: HttpRequest, ask: consent.Ask, problem: str = "") -> HttpResponse:
    params = request.POST if request.method == "POST" else request.GET
    known = people.people()
    person = known.get(params.get("other", "")) or known.get(ask.hint) or known[people.NEWCOMER]
    context = {
        "person": person,
        "spots": people.places_of(person.id),
        "permissions": [_PERMISSIONS[scope] for scope in ask.scopes],
        "featured": people.featured(),
        "others": sorted(
            (one for one in known.values() if not one.line), key=lambda one: one.handle
        ),
        "carried": {name: params.get(name, "") for name in _CARRIED},
        "problem": problem,
    }
    return render(request, "sandbox/authorize.html", context, status=422 if problem else 200)


def _answer(request: HttpRequest, ask: consent.Ask) -> HttpResponse:
    """Send the person's answer back to the client, or ask again when it makes no sense."""
    answer, person_id = request.POST.get("answer"), request.POST.get("person", "")
    if answer == "no":
        return HttpResponseRedirect(ask.back(error="access_denied"))
    if person_id not in people.people():
        return _consent_page(request, ask, _("Choose who you are first."))
    mine = {place.id for place in people.places_of(person_id)}
    ticked = mine.intersection(request.POST.getlist("place"))
    if answer == "some" and not ticked:
        return _consent_page(request, ask, _("Nothing is ticked. Tick what Kloutsite may see."))
    if answer not in {"some", "allow"}:
        raise BadRequest
    places = ticked if answer == "some" else mine
    code = consent.issue_code(ask, person=person_id, places=places, now=timezone.now())
    return HttpResponseRedirect(ask.back(code=code))


@login_not_required
@require_GET
def place(request: HttpRequest, place_id: str) -> HttpResponse:
    """Show a made-up profile or page with its newest public posts."""
    found = people.places().get(place_id)
    if found is None:
        raise Http404
    now = timezone.now()
    posts = world.newest(place_id, now=now, most=POSTS_SHOWN)
    context = {
        "spot": found,
        "followers": world.followers(found, now=now),
        "posts": [(one, sum(one.counts(now).values())) for one in posts],
    }
    return render(request, "sandbox/place.html", context)


@login_not_required
@require_GET
def post(request: HttpRequest, post_id: str) -> HttpResponse:
    """Show a made-up post with the network's counts and who reacted, to compare with ours."""
    now = timezone.now()
    found = world.post(post_id, now=now)
    if found is None or not found.public:
        raise Http404
    acts = found.acts_by(now)
    context = {
        "post": found,
        "spot": people.places()[found.place],
        "counts": {_KINDS[kind]: count for kind, count in found.counts(now).items()},
        "acts": [
            (people.people()[act.actor], _KINDS[act.kind], act)
            for act in reversed(acts[-ACTS_SHOWN:])
        ],
        "hidden": max(0, len(acts) - ACTS_SHOWN),
    }
    return render(request, "sandbox/post.html", context)


@require_http_methods(["GET", "POST"])
def faults(request: HttpRequest) -> HttpResponse:
    """Let the person break the links that they have with the made-up network."""
    mine = switches.of(request.user)
    if request.method == "POST":
        changed = _save(mine, request.POST)
        words = (
            _("Switched. It shows at the next read of the link.")
            if changed
            else _("Nothing changed.")
        )
        messages.info(request, words)
        return redirect("sandbox_faults")
    context = {
        "switches": mine,
        "meanings": MEANINGS.values(),
        "sure_minutes": SURE_AFTER // timedelta(minutes=1),
        "wait_seconds": max(ASK_AGAIN_AFTER, READ_AGAIN_AFTER) // timedelta(seconds=1),
    }
    return render(request, "sandbox/faults.html", context)


def _save(mine: list[switches.Switch], sent: QueryDict) -> bool:
    """Set the switches that were sent. Returns whether any changed. Raises BadRequest."""
    now, changed = timezone.now(), False
    with transaction.atomic():
        for switch in mine:
            wanted = sent.get(switch.field)
            if wanted is None:
                continue
            if wanted and wanted not in dict(switch.choices):
                raise BadRequest
            changed |= switches.set_fault(switch, Fault(wanted) if wanted else None, now=now)
    return changed
