"""Everything that is kept of the +K somebody received and gave, as files."""

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.views import person
from scoring import plusk
from scoring.views.export import csv_file


@require_GET
def plusk_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the log of the person as CSV."""
    rows = plusk.exported(person(request))
    return csv_file("kloutsite-plusk.csv", plusk.EXPORTED, (list(row.values()) for row in rows))


@require_GET
def plusk_json(request: HttpRequest) -> JsonResponse:
    """Give the log of the person as JSON, and how much counts in each topic."""
    user = person(request)
    totals = plusk.totals_of(user.pk)
    response = JsonResponse({"totals": totals, "plusk": list(plusk.exported(user))})
    response.headers["Content-Disposition"] = 'attachment; filename="kloutsite-plusk.json"'
    return response
