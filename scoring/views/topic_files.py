"""Everything that is kept of somebody's topics, as files."""

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts import handles
from accounts.views import person
from accounts.visibility import reach
from scoring import topics
from scoring.views.export import csv_file


@require_GET
def topics_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give every topic of the person as CSV, told or not."""
    rows = topics.exported(person(request).pk)
    return csv_file("kloutsite-topics.csv", topics.EXPORTED, (list(row.values()) for row in rows))


@require_GET
def topics_json(request: HttpRequest) -> JsonResponse:
    """Give every topic of the person as JSON, told or not, and who sees those that are."""
    user = person(request)
    shown_to = reach(handles.find_person(user.pk, viewer=user).profile, "topics")
    response = JsonResponse({"topics": topics.exported(user.pk), "shown_to": shown_to or "nobody"})
    response.headers["Content-Disposition"] = 'attachment; filename="kloutsite-topics.json"'
    return response
