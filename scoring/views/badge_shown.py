"""The page of a badge that somebody shows: how it looks, what it took, and thanking for it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from accounts import handles
from accounts.models import User
from accounts.searching import named
from accounts.views.for_all import for_all
from scoring import badges
from scoring.badges import names
from scoring.views import badge_tiles
from scoring.views.plusk_rows import to_give


@for_all
def badge_shown(request: HttpRequest, handle: str, slug: str) -> HttpResponse:
    """Show a badge of a person; one they do not show is as one that they do not have."""
    viewer = request.user if isinstance(request.user, User) else None
    found = handles.find(handle, viewer=viewer, now=timezone.now())
    if found.profile is None or not found.visible.badges:
        raise Http404
    whom = found.profile.user
    held = next((one for one in badges.shown(whom.pk) if one.badge.slug == slug), None)
    if held is None:
        raise Http404
    address = reverse("profile_badge", args=[found.name, slug])
    if request.path != address:
        return redirect(address)
    shares = badges.shares_of(slug)
    context = {
        "handle": found.name,
        "name": named(whom, found.name),
        "own": whom == viewer,
        "tile": badge_tiles.of_another(held, shares),
        "lower": [badge_tiles.lower(held.badge, award) for award in held.lower],
        "counted": names.counted(slug),
        "slug": slug,
        "public": found.visible.indexed,
        "give": to_give(found.name),
    }
    response = render(request, "scoring/badges/shown.html", context)
    patch_cache_control(response, no_cache=True)  # kept, and asked about each time
    return response
