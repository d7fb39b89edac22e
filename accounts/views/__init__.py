"""Pages of linking and settings, one module a page group."""

from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Return the signed-in person: LoginRequiredMiddleware let nobody else come this far."""
    assert isinstance(request.user, User)
    return request.user
