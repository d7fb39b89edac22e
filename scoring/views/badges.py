"""The pages of badges: what somebody earned, what is near, the rule of each, and what is done."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.figures import moment
from accounts.views import person, pressed
from scoring import badges
from scoring.badges import names
from scoring.engine.badges import BADGES
from scoring.views import badge_tiles as tiles

_ACTS = {
    "pin": (badges.pin, gettext_lazy("%(badge)s is pinned: others see it first.")),
    "unpin": (badges.unpin, gettext_lazy("%(badge)s stands among the others again.")),
    "hide": (badges.hide, gettext_lazy("%(badge)s is hidden from others. You keep it.")),
    "show": (badges.show, gettext_lazy("%(badge)s is shown again.")),
}


@require_GET
def my_badges(request: HttpRequest) -> HttpResponse:
    """Show the badges of a person, the nearest three, and the rules of all."""
    held, shares = badges.of_person(person(request).pk), badges.shares()
    context = {
        "as_of": moment(held.as_of, timezone.now()),
        "shown": [tiles.mine(one, shares) for one in held.shown],
        "hidden": [tiles.mine(one, shares, hidden=True) for one in held.hidden],
        "near": [tiles.near(one) for one in held.near],
        "rules": tiles.rules(held),
        "old": held.old,
        "old_declined": held.old_declined,
    }
    return render(request, "scoring/badges/mine.html", context)


@require_GET
def badge_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one badge: its levels and who has them, how it is counted, and where the person is."""
    if slug not in BADGES:
        raise Http404(_("There is no badge of this name."))
    mine, one = badges.of_person(person(request).pk), BADGES[slug]
    held = next((each for each in (*mine.shown, *mine.hidden) if each.badge == one), None)
    context = {
        "name": names.name(slug),
        "counted": names.counted(slug),
        "levels": tiles.levels(one, held, mine.ahead.get(slug), badges.shares_of(slug)),
        "yours": tiles.yours(one, mine),
        "distant": one.distant,
        "rule": one.rule,
        "buttons": tiles.buttons(held, hidden=held in mine.hidden) if held else (),
        "hidden": held in mine.hidden,
        "old_declined": mine.old_declined and one.of_posts,
    }
    return render(request, "scoring/badges/badge.html", context)


@pressed("badge", "slug")
def badge_change(request: HttpRequest, slug: str, act: str) -> HttpResponse:
    """Pin, unpin, hide or show a badge of the person."""
    if act not in _ACTS or slug not in BADGES:
        raise Http404(_("There is nothing of this name to do about a badge."))
    do, said = _ACTS[act]
    try:
        do(person(request).pk, slug, now=timezone.now())
    except badges.NotHeld as error:
        raise Http404(_("You do not have this badge.")) from error
    except badges.BadgeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said % {"badge": names.name(slug)})
    return redirect("badges")


@pressed("badges")
def badges_old(request: HttpRequest) -> HttpResponse:
    """Do without the badges that old posts earned, or have them again."""
    declined = request.POST.get("old") == "decline"
    badges.decline_old(person(request).pk, declined)
    if declined:
        messages.success(request, _("Badges of old posts are left out. You can have them again."))
    else:
        messages.success(request, _("Badges of old posts are among yours."))
    return redirect("badges")
