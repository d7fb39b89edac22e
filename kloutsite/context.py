"""What every template may know about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the sandbox flag and the viewer's chosen theme ("" follows the device)."""
    theme = getattr(request.user, "theme", "") if hasattr(request, "user") else ""
    return {"sandbox": settings.SANDBOX, "theme": theme}
