"""Everything that is kept of somebody's topics, as files."""

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.views import person
from scoring import topics
from scoring.views.export import csv_file


@require_GET
def topics_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give every topic of the person as CSV, told or not."""
    rows = topics.exported(person(request).pk)
    return csv_file("kloutsite-topics.csv", topics.EXPORTED, (list(row.values()) for row in rows))


@require_GET
def topics_json(request: HttpRequest) -> JsonResponse:
    """Give every topic of the person as JSON, told or not, and whether they are listed."""
    user = person(request)
    response = JsonResponse(
        {"topics": topics.exported(user.pk), "listed": topics.is_listed(user.pk)}
    )
    response.headers["Content-Disposition"] = 'attachment; filename="kloutsite-topics.json"'
    return response
