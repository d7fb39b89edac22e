"""The list of perks, and their pictures."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_safe

from accounts.models import GivenFacts
from accounts.views import person
from perks import replies, standing
from perks.models import CampaignEvent, CampaignPicture
from perks.standing import Group
from perks.views import rows


@require_GET
def perks(request: HttpRequest) -> HttpResponse:
    """Show what the person may have, what is nearly theirs, what comes and what is closed."""
    user, now = person(request), timezone.now()
    found = standing.listed(user, now)
    replies.saw(
        user_id=user.pk,
        campaign_ids=[one.campaign.pk for one in found],
        kind=CampaignEvent.Kind.SEEN,
        now=now,
    )
    groups: dict[str, list[rows.Tile]] = {group.value: [] for group in Group}
    for one in found:
        groups[one.group].append(rows.tile(one, now))
    given = GivenFacts.objects.filter(user=user).first()
    context = {"groups": groups, "no_country": not (given and given.country), "zone": rows.zone()}
    return render(request, "perks/list.html", context)


@require_safe
def picture(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Answer the picture of a published campaign."""
    pictures = CampaignPicture.objects.filter(
        campaign__slug=slug, digest=digest, campaign__published_at__isnull=False
    )
    data = pictures.values_list("data", flat=True).first()
    if data is None:
        raise Http404
    etag = quote_etag(digest[:32])
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(bytes(data), content_type="image/webp")
    response["ETag"] = etag
    return response
