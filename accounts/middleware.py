"""Times are shown in the person's own zone."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def own_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Activate the signed-in person's time zone for the request; UTC for everybody else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.time_zone != "UTC":
            try:
                zone = zoneinfo.ZoneInfo(request.user.time_zone)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError):
                return get_response(request)
            with timezone.override(zone):
                return get_response(request)
        return get_response(request)

    return middleware
