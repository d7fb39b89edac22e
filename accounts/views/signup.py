"""allauth's page of signing up by email, without accounts that nobody can ever confirm."""

from typing import Any

from allauth.account.views import SignupView
from django.db import transaction
from django.http import HttpResponse

from accounts.adapters import NOT_SENT


class SignUp(SignupView):  # type: ignore[misc]
    """Signing up by email. Where the mail cannot be sent, no account waits for it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make the account and send its mail, both or neither."""
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            if response.status_code == NOT_SENT:
                transaction.set_rollback(True)
                self.request.session.flush()  # it speaks of an account that is not there
        return response
