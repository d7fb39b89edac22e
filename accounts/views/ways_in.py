"""allauth's page of accounts that let a person in, with what counts of each."""

from typing import Any

from allauth.socialaccount.views import ConnectionsView
from django.db import transaction
from django.utils.decorators import method_decorator

from accounts.models import Source
from accounts.views import person


@method_decorator(transaction.atomic, name="dispatch")
class WaysIn(ConnectionsView):  # type: ignore[misc]
    """Accounts that let the person in. One transaction a request: what was checked is removed."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `ways`: each account with the sources of it that count."""
        counted = Source.objects.counted().filter(user=person(self.request)).order_by("title", "pk")
        by_account: dict[int, list[Source]] = {}
        for source in counted.select_related("grant"):
            if source.grant is not None:  # an archive lets nobody in
                by_account.setdefault(source.grant.account_id, []).append(source)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        ways = [
            {"account": account, "counted": by_account.get(account.pk, [])}
            for account in context["form"].accounts
        ]
        removable = any(not way["counted"] for way in ways)
        return context | {"ways": ways, "removable": removable}
