"""What a network tells us by itself: somebody took this site off their list, or wants it to forget.

A request names its person as the network names them towards this site. One that is older than what
the person granted since is of no use any more, so that sending it twice does no harm.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q

from accounts import unlinking
from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.linking import name_of
from accounts.models import Grant, Source
from accounts.signals import link_refused
from accounts.speech import say

SKEW = timedelta(minutes=1)  # their clock may be behind ours by this


def forget(*, network: str, user_id: str, asked_at: datetime) -> None:
    """Remove all that was read through this person's account of the network, and the account.

    Somebody unknown is not an error: what is not held is forgotten already.
    """
    for account in _accounts(network, user_id):
        with transaction.atomic():
            unlinking.hold_links(account.user_id)
            if not _granted_since(account, asked_at):
                unlinking.forget_account(account=account)


def withdraw(*, network: str, user_id: str, told_at: datetime, now: datetime) -> None:
    """Let the links of this person's account need them: the network ended its access."""
    words = say("{network} says that you removed this site there.", network=name_of(network))
    for account in _accounts(network, user_id):
        with transaction.atomic():
            unlinking.hold_links(account.user_id)
            if not _granted_since(account, told_at):
                for source in Source.objects.counted().filter(grant__account=account).locked():
                    _refuse(source, words, now)


def _accounts(network: str, user_id: str) -> Iterator[SocialAccount]:
    """Return the accounts a network means: by the id everybody sees, or that of this site alone."""
    known = Q(uid=user_id) | Q(extra_data__app_uid=user_id)
    return iter(SocialAccount.objects.filter(known, provider=network))


def _granted_since(account: SocialAccount, then: datetime) -> bool:
    """Tell whether the person connected the account again after `then`."""
    grant = Grant.objects.filter(account=account).first()
    begun = account.date_joined if grant is None else grant.issued_at
    return bool(begun > then + SKEW)


def _refuse(source: Source, words: str, now: datetime) -> None:
    """Write that the network ended the access: it said so itself, so nothing waits for a second."""
    if source.code in NEEDS_PERSON:
        return
    source.code, source.code_since, source.words = Code.REVOKED, now, words
    source.save(update_fields=["code", "code_since", "words"])
    link_refused.send(Source, source=source, now=now)
