"""Ends links: what goes with them, in which order, and what a network is asked to forget."""

import logging

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts import connectors, sealing
from accounts.connectors.base import Access
from accounts.models import Grant, Source, User
from accounts.signals import grant_dropped

logger = logging.getLogger(__name__)

ONLY_WAY_IN = gettext_lazy(
    "This account is your only way to sign in here. Set a password with an email "
    "address or link another sign-in first. What counts of it you can unlink at any time."
)
STILL_COUNTS = gettext_lazy(
    "Something of this account counts for your score, so nothing was removed. Unlink it "
    "first: there you read what that does to your score."
)


def hold_links(user_id: int) -> list[Source]:
    """Lock a person with all grants and sources until the transaction ends; return the sources.

    With the person's row goes the answer to "is there another way in?": of two removals at once,
    the second finds what the first left. All at once, since a deletion reaches one source after the
    other and has jobs made in between, which others hold while they wait for the next source.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    grants = Grant.objects.filter(account__user_id=user_id).order_by("pk")
    list(grants.select_for_update(of=("self",), no_key=True))
    return list(Source.objects.filter(user_id=user_id).locked())


def is_last_of_grant(source: Source) -> bool:
    """Tell whether nothing else counts through the source's grant."""
    others = Source.objects.counted().filter(grant=source.grant_id).exclude(pk=source.pk)
    return source.grant_id is not None and not others.exists()


def unlink(*, source: Source) -> None:
    """Forget a source; with the last that counts go its grant and the access there.

    The account goes too, unless it is the person's only way to sign in. Receivers tell of it and
    have the network revoke, as for every other way in which rows go.
    """
    with transaction.atomic():
        if source not in hold_links(source.user_id):
            return  # another press was faster
        grant = source.grant
        if grant is not None and is_last_of_grant(source):
            spare = grant.account.user.can_sign_in_without(grant.account)
            (grant.account if spare else grant).delete()  # takes its sources along
        else:
            source.delete()


def forget_account(*, account: SocialAccount) -> None:
    """Forget all that a linked account brought; where it is the only way in, its id stays."""
    with transaction.atomic():
        hold_links(account.user_id)
        if account.user.can_sign_in_without(account):
            account.delete()  # takes grant and sources along
            return
        Grant.objects.filter(account=account).delete()
        account.extra_data = {}
        account.save()


def forget_access(grant: Grant) -> None:
    """Have the network forget the token that the grant holds at this moment."""
    try:
        access = grant.access()
    except sealing.CannotOpen as error:
        logger.warning("grant %s cannot be revoked: %s", grant.pk, error)
        return
    forget_given(access, network=grant.network, user_id=grant.account.user_id)


def forget_given(access: Access, *, network: str, user_id: int | None) -> None:
    """Have the network forget an access that is kept nowhere here, or soon will not be."""
    if not access.token or not connectors.has(network):
        return
    grant_dropped.send(
        Grant,
        network=network,
        server=access.server,
        account_id=access.account_id,
        sealed=sealing.seal(access.token, bound_to="revoke"),
        sealed_key=sealing.seal(access.key, bound_to="revoke"),
        sealed_refresh=sealing.seal(access.refresh, bound_to="revoke"),
        user_id=user_id,
    )


def forget_replaced(grant: Grant) -> None:
    """Have the network forget the token that a newer one replaces, where that is safe."""
    if grant.network in connectors.ENDS_ONE_TOKEN:
        forget_access(grant)


def is_in_use(*, network: str, server: str, account_id: str, token: str) -> bool:
    """Tell whether ending this token would end the access of a grant of the account.

    Some networks give out the same token again as long as it lives, so that a token of an old link
    may be that of a new one by now; others end all of a person's tokens with one.
    """
    grants = Grant.objects.filter(server=server, account__uid=account_id).select_related("account")
    alone = network in connectors.ENDS_ONE_TOKEN
    return any(grant.network == network and (not alone or holds(grant, token)) for grant in grants)


def holds(grant: Grant, token: str) -> bool:
    """Tell whether the grant's token is this one; a token that cannot be opened is none."""
    try:
        return grant.access().token == token
    except sealing.CannotOpen:
        return False
