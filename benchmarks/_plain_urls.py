"""The site's addresses and a plain view: session, user and one query, through all middleware."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from accounts.views import person
from kloutsite import urls
from scoring.models import ScoreSnapshot


def plain(request: HttpRequest) -> JsonResponse:
    """Answer one's newest score."""
    newest = ScoreSnapshot.objects.filter(user=person(request)).order_by("-day").first()
    return JsonResponse({"score": newest.score if newest else None})


urlpatterns = [path("benchmark/plain/", plain), *urls.urlpatterns]
handler404 = urls.handler404
