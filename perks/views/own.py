"""What is somebody's alone: found for its person, and nothing to guess at for anybody else."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.views import person
from perks import tries
from perks.models import Claim

View = Callable[..., HttpResponse]


def limited(view: View) -> View:
    """Answer 429 to who tried too often in vain what is not theirs."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        try:
            return view(request, *args, **names)
        except tries.TooMany as error:
            way = {"way": reverse("perks_mine"), "name": _("Your perks")}
            context = {"says": str(error), **way}
            page = render(request, "kloutsite/too_many.html", context, status=429)
            page["Retry-After"] = str(error.retry_after)
            return page

    return answered


def own(request: HttpRequest, ref: UUID, now: datetime) -> Claim:
    """Return a claim of the person with its campaign.

    Raises Http404, alike for none and for another's, and tries.TooMany.
    """
    mine = of_person(person(request), ref, now)
    if mine is None:
        raise Http404
    return mine


def of_person(user: User, ref: UUID, now: datetime) -> Claim | None:
    """Return a claim of somebody with its campaign, None alike for none and for another's.

    Raises tries.TooMany.
    """
    tries.check(user.pk, now)
    claims = Claim.objects.select_related("campaign__picture", "case").defer(
        "campaign__picture__data"
    )
    mine = claims.filter(user=user, ref=ref).first()
    if mine is None:
        tries.after_wrong(user.pk, now)
    return mine
