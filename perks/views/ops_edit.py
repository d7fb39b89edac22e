"""For operators: writing a campaign, how many people its rules reach, and its picture."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import uploads
from accounts.figures import whole
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from perks import campaigns, people, pictures
from perks.acts import CampaignError, refuse
from perks.eligibility import Rules
from perks.forms import CampaignForm, initial_of
from perks.models import Campaign, CampaignPicture


@require_http_methods(["GET", "POST"])
@operators_only
def new(request: HttpRequest) -> HttpResponse:
    """Write a draft that nobody sees yet."""
    now, form = timezone.now(), CampaignForm(initial=_empty(request))
    if request.method == "POST":
        form = CampaignForm(request.POST, initial={})
        draft = None if "count" in request.POST else form.draft()
        if draft is not None:
            try:
                made = campaigns.create(draft=draft, actor_id=person(request).pk, now=now)
            except CampaignError as refused:
                form.refused(refused)
            else:
                messages.success(request, _("Kept as a draft, which nobody sees."))
                return redirect("ops_perk", made.pk)
    return _page(request, form, None, now)


@require_http_methods(["GET", "POST"])
@operators_only
def edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Change what a campaign says; whoever claims from then on is judged by it."""
    now = timezone.now()
    found = get_object_or_404(Campaign, pk=campaign_id)
    was = campaigns.draft_of(found)
    form = CampaignForm(initial=initial_of(was), was=was)
    if request.method == "POST":
        form = CampaignForm(request.POST, initial={}, was=was)
        draft = None if "count" in request.POST else form.draft()
        if draft is not None:
            try:
                who = person(request).pk
                campaigns.edit(campaign_id=found.pk, draft=draft, actor_id=who, now=now)
            except CampaignError as refused:
                form.refused(refused)
            else:
                messages.success(request, _("Changed. It counts for whoever claims from now on."))
                return redirect("ops_perk", found.pk)
    return _page(request, form, found, now)


@operators_only
@pressed("ops_perk_new")
def reach(request: HttpRequest) -> HttpResponse:
    """Say how many people the rules that are typed reach today: a part of the form's page."""
    form = CampaignForm(request.POST, initial={})
    said = _reached(form, timezone.now())
    return render(request, "perks/ops/_reach.html", {"reached": said})


def _page(
    request: HttpRequest, form: CampaignForm, found: Campaign | None, now: datetime
) -> HttpResponse:
    counted = "count" in request.POST
    reached = _reached(form, now) if form.is_bound or found is None else _said(found, now)
    if counted:
        form.errors.clear()  # only a number was asked for
    failed = form.is_bound and not counted
    context = {"form": form, "campaign": found, "reached": reached}
    return render(request, "perks/ops/edit.html", context, status=400 if failed else 200)


def _reached(form: CampaignForm, now: datetime) -> str:
    """Return how many people the typed rules reach, or that they cannot be counted."""
    if not form.is_bound:
        return _sentence(people.reach(Rules(), brand="", now=now))
    rules = form.rules()
    odd = [form.fields[name].label for name in form.errors if name in _RULES]
    if rules is None or odd:
        return _("Not counted: look at “%(field)s”.") % {"field": odd[0] if odd else ""}
    brand = form.cleaned_data.get("brand", "")
    return _sentence(people.reach(rules, brand=brand, now=now))


def _said(found: Campaign, now: datetime) -> str:
    return _sentence(people.reach(found.fits, brand=found.brand, now=now))


def _sentence(number: int) -> str:
    if not number:
        return _("Reaches nobody here today.")
    return ngettext(
        "Reaches %(number)s person today.", "Reaches %(number)s people today.", number
    ) % {"number": whole(number)}


_RULES = {
    "score_from", "score_to", "topic", "place", "countries", "age_from", "age_to", "networks",
    "new_here", "here_for", "unclaimed",
}  # fmt: skip


def _empty(request: HttpRequest) -> dict[str, Any]:
    """Return what a new form proposes: a week from tomorrow noon, in the operator's zone."""
    here = timezone.localtime(timezone.now()) + timedelta(days=1)
    opens = here.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    return {
        "opens_at": opens,
        "closes_at": opens + timedelta(days=7),
        "time_zone": person(request).time_zone or "UTC",
        "planned": 10,
        "per_person": 1,
        "waiting_list": True,
        "mode": Campaign.Mode.FIRST,
        "delivery": Campaign.Delivery.CODES,
    }


@require_http_methods(["GET", "POST"])
@operators_only
def picture(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Give the picture, of a draft too; POST takes a new one, drawn anew by us."""
    if request.method == "GET":
        kept = get_object_or_404(CampaignPicture, pk=campaign_id)
        return HttpResponse(bytes(kept.data), content_type="image/webp")
    found = get_object_or_404(Campaign, pk=campaign_id)
    try:
        pictures.keep(
            campaign_id=found.pk,
            data=_sent(request),
            alt=request.POST.get("alt", ""),
            actor_id=person(request).pk,
            now=timezone.now(),
        )
    except CampaignError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The picture is kept."))
    return redirect("ops_perk", found.pk)


def _sent(request: HttpRequest) -> bytes:
    """Return the picture that was sent. Raises CampaignError when there is none."""
    if uploads.too_large(request):
        refuse(_("The picture has more than 5 MB. Make it smaller."), "picture")
    sent = request.FILES.get("picture")
    if not isinstance(sent, TemporaryUploadedFile):
        refuse(_("Choose a picture first."), "picture")
    data: bytes = sent.read(pictures.MOST_BYTES + 1)
    return data
