"""Pages speak the person's own language, and show times in their own zone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.zones import zone_of


def own_ways(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Activate the signed-in person's language and time zone for the request.

    Without a choice of theirs the language is the browser's (LocaleMiddleware), and the zone UTC.
    """
    spoken = {code for code, _name in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        if request.user.language in spoken:
            translation.activate(request.user.language)  # LocaleMiddleware sets each request anew
        if request.user.time_zone != "UTC":
            with timezone.override(zone_of(request.user.time_zone)):
                return get_response(request)
        return get_response(request)

    return middleware
