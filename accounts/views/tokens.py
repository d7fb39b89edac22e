"""Settings: keys for programs, and whose programs asked for one's score."""

from typing import Any
from uuid import UUID, uuid4

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts import asked, sealing, tokens
from accounts.models import User
from accounts.views import person, pressed

_DAYS = 3  # digits of how many days a key lives
_MADE = "made_token"  # in the session until it is shown: what it is, and the sealed key
_BOUND_TO = "session:made_token"


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Show the keys that work, the form for a new one, and who asked; once, one just made."""
    return _page(request, person(request), **_just_made(request))


@pressed("tokens")
@reauthentication_required(app="accounts.tokens")  # type: ignore[untyped-decorator]
def make(request: HttpRequest) -> HttpResponse:
    """Make a key, which the page that follows shows once.

    Neither loading that page again makes another, nor pressing twice.
    """
    user, now = person(request), timezone.now()
    days = request.POST.get("days", "")
    scopes = request.POST.getlist("scope")
    name = request.POST.get("name", "")
    try:
        row, secret = tokens.make(
            user,
            name=name,
            scopes=scopes,
            days=int(days) if days.isascii() and days.isdigit() and len(days) <= _DAYS else 0,
            now=now,
            form=_form(request.POST.get("form", "")),
        )
    except tokens.MadeAlready as refused:
        messages.info(request, str(refused))
        return redirect("tokens")
    except tokens.TokenError as refused:
        typed = {"name": name, "ticked": scopes, "days": days, "error": str(refused)}
        return _page(request, user, status=400, **typed)
    request.session[_MADE] = {
        "name": row.name,
        "sealed": sealing.seal(secret, bound_to=_BOUND_TO),
        "in_addresses": tokens.KLOUT in row.scopes,
    }
    return redirect("tokens")


@pressed("tokens")
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one key."""
    ended = tokens.revoke(person(request), token_id, now=timezone.now())
    if ended:
        messages.success(request, _("Revoked. The program that has it is refused from now on."))
    return redirect("tokens")


@pressed("tokens")
def revoke_all(request: HttpRequest) -> HttpResponse:
    """End all keys at once."""
    ended = tokens.revoke(person(request), now=timezone.now())
    form = ngettext("%(n)s token is revoked.", "%(n)s tokens are revoked.", ended)
    messages.success(request, form % {"n": ended})
    return redirect("tokens")


def _form(typed: str) -> UUID | None:
    """Return which page was filled in; None for what no page of ours sends."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def _just_made(request: HttpRequest) -> dict[str, Any]:
    """Return what is shown of a key that was made on the page before, and forget it."""
    made = request.session.pop(_MADE, None)
    if made is None:
        return {}
    try:
        secret = sealing.unseal(made["sealed"], bound_to=_BOUND_TO)
    except sealing.CannotOpen:  # the keys of the site changed in between
        return {}
    return {"made": made["name"], "secret": secret, "in_addresses": made["in_addresses"]}


def _page(request: HttpRequest, user: User, *, status: int = 200, **more: object) -> HttpResponse:
    now = timezone.now()
    context = {
        "rows": [(row, tokens.words_of(row)) for row in tokens.living(user, now=now)],
        "scopes": tokens.SCOPES.items(),
        "lives": tokens.LIVES.items(),
        "form": uuid4(),
        "asked": asked.of_person(user, now=now),
        **more,
    }
    return render(request, "accounts/tokens.html", context, status=status)
