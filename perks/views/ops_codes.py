"""For operators: codes of a brand, as a file or typed line by line, and those that we made."""

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import uploads
from accounts.figures import whole
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from perks import codes, stock
from perks.acts import CampaignError
from perks.codes import CodesRefused, Trouble
from perks.models import Campaign
from scoring.views.export import csv_file


@require_http_methods(["GET", "POST"])
@operators_only
def upload(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Take all codes of a file or of the lines that were typed, or none and say which rows."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    if request.method != "POST":
        return _page(request, found, ())
    try:
        now, who = timezone.now(), person(request).pk
        counts = stock.upload(
            campaign_id=found.pk,
            file=_file(request),
            actor_id=who,
            now=now,
            length=_length(request),
        )
    except CodesRefused as refused:
        return _page(request, found, refused.troubles)
    except CampaignError as refused:
        return _page(request, found, (Trouble(str(refused)),))
    said = ngettext(
        "Kept. There is %(number)s code now.", "Kept. There are %(number)s codes now.", counts.total
    )
    messages.success(request, said % {"number": whole(counts.total)})
    return redirect("ops_perk", found.pk)


def _file(request: HttpRequest) -> BinaryIO:
    """Return what was sent, as a file of lines. Raises CodesRefused when that is nothing."""
    if uploads.too_large(request):
        raise CodesRefused(
            Trouble(
                _("The file is larger than 8 MB: at most %(most)s codes are taken at once.")
                % {"most": whole(codes.MOST_CODES)}
            )
        )
    sent = request.FILES.get("file")
    if isinstance(sent, TemporaryUploadedFile):
        return cast("BinaryIO", sent.file)
    typed = request.POST.get("lines", "")
    if not typed.strip():
        raise CodesRefused(Trouble(_("Choose a file, or type codes, one a line.")))
    return io.BytesIO(typed.encode())


def _length(request: HttpRequest) -> int:
    """Return how long each code is said to be, 0 for any length. Raises CodesRefused."""
    typed = request.POST.get("length", "").strip()
    if not typed:
        return 0
    short = typed.isascii() and typed.isdigit() and len(typed) < 4
    if not short or not codes.SHORTEST <= int(typed) <= codes.LONGEST:
        text = _("A code has from %(shortest)s to %(longest)s characters.")
        raise CodesRefused(Trouble(text % {"shortest": codes.SHORTEST, "longest": codes.LONGEST}))
    return int(typed)


def _page(request: HttpRequest, found: Campaign, troubles: tuple[Trouble, ...]) -> HttpResponse:
    context = {
        "campaign": found,
        "troubles": [(trouble.text, ", ".join(map(str, trouble.rows))) for trouble in troubles],
        "lines": request.POST.get("lines", ""),
        "length": request.POST.get("length", ""),
        "counts": stock.counts(found.pk),
        "most": codes.MOST_CODES,
    }
    status = 400 if troubles else 200
    return render(request, "perks/ops/codes.html", context, status=status)


@operators_only
@pressed("ops_perk", "campaign_id")
def made(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Give the codes that we made as a file for the brand's till; that it was asked is kept."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    try:
        rows: Iterator[tuple[int, str]] = stock.made_codes(
            campaign_id=found.pk, actor_id=person(request).pk, now=timezone.now()
        )
    except CampaignError as refused:
        messages.error(request, str(refused))
        return redirect("ops_perk", found.pk)
    response = csv_file(f"{found.slug}-codes.csv", ("number", "code"), rows)
    response.headers["Cache-Control"] = "no-store"
    return response
