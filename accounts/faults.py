"""What failed here unexpectedly: written down under a number, which who asked for it can name."""

import logging
import uuid

from django.http import HttpRequest

logger = logging.getLogger(__name__)


def page_of(request: HttpRequest) -> str:
    """Return the name of the page that was asked for, or that there is none."""
    match = request.resolver_match
    return (match.view_name or "a page without a name") if match else "no page of ours"


def written_down(request: HttpRequest, error: Exception | None = None) -> str:
    """Write to the log that a request failed, and return the number under which it stands there.

    Never its address, which may hold a key or name somebody. error: told with where it arose.
    """
    report = uuid.uuid4().hex[:8]
    logger.error("report %s for %s", report, page_of(request), exc_info=error)
    return report
