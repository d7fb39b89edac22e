"""The person behind a session as Django asks for them, for what is compared with it."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class Plain(ModelBackend):
    """Reads the person alone, by a query that is built each time (the site: User.arriving)."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session."""
        return User.objects.filter(pk=user_id).first()
