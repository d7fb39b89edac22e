"""Turns a finished OAuth flow into a grant, and deleted rows into news and requests to revoke.

Which signal fires depends on the way: an account that is known fires `pre_social_login` (after the
guards of accounts.adapters, unlike `social_account_updated`, which fires before them and so would
overwrite the grant of somebody else), a new link fires `social_account_added`, and signing up by a
network fires neither of the two for the new row, only `user_signed_up`.
"""

from datetime import datetime
from typing import Any

from allauth.account.signals import user_signed_up
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.signals import pre_social_login, social_account_added
from django.contrib import messages
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import (
    archives,
    cases,
    choosing,
    connectors,
    letters,
    linking,
    notices,
    unlinking,
)
from accounts.models import Grant, SandboxFault, Source, Upload, User
from accounts.signals import Change, link_mended, link_refused, source_changed
from accounts.views.facts import report_of


@receiver(pre_social_login)
def keep_grant_of_known_account(
    request: HttpRequest, sociallogin: SocialLogin, **_kwargs: Any
) -> None:
    """Renew the grant of an account that is linked already: signing in heals a broken link."""
    if sociallogin.account.pk is not None:
        _keep(request, sociallogin)


@receiver(social_account_added)
def keep_grant_of_new_link(request: HttpRequest, sociallogin: SocialLogin, **_kwargs: Any) -> None:
    """Keep the grant of an account that was linked to the signed-in person."""
    _keep(request, sociallogin)


@receiver(user_signed_up)
def keep_grant_of_new_person(
    request: HttpRequest, sociallogin: SocialLogin | None = None, **_kwargs: Any
) -> None:
    """Keep the grant of somebody who signed up by a network."""
    if sociallogin is not None:
        _keep(request, sociallogin)


@receiver(link_refused)
def tell_the_person(source: Source, now: datetime, **_kwargs: Any) -> None:
    """Write to the person, and open a case when they had just connected again: it is not them."""
    letters.announce(source=source, now=now)
    notices.tell(
        person_id=source.user_id,
        kind="link_needs_you",
        key=_of_link(source, source.code_since),
        values=_about(source),
        now=now,
    )
    report = report_of(source, source.state_at(now), now)
    cases.still_refused(source=source, report=report, words=source.words, now=now)


@receiver(link_mended)
def tell_that_it_is_read(source: Source, since: datetime, now: datetime, **_kwargs: Any) -> None:
    """Tell the person that a link that needed them is read again."""
    notices.tell(
        person_id=source.user_id,
        kind="link_mended",
        key=_of_link(source, since),
        values=_about(source),
        now=now,
    )


def _of_link(source: Source, at: datetime | None) -> str:
    return f"{source.pk}:{int(at.timestamp()) if at else 0}"


def _about(source: Source) -> dict[str, str | int]:
    return {
        "source": source.pk,
        "title": source.title,
        "network": linking.name_of(source.network),
    }


@receiver(pre_delete, sender=Source)
def tell_of_unlinked(instance: Source, origin: Any, **_kwargs: Any) -> None:
    """Tell that a source no longer counts, unless its person goes with it.

    Whichever way the row goes, what else the person linked is locked before the first job is made.
    """
    unlinking.hold_links(instance.user_id)
    if instance.selected and getattr(origin, "model", type(origin)) is not User:
        source_changed.send(
            Source, source=instance, user_id=instance.user_id, change=Change.UNLINKED
        )


@receiver(pre_delete, sender=Grant)
def drop_grant(instance: Grant, **_kwargs: Any) -> None:
    """Have the network forget the access, whichever way the row goes."""
    unlinking.forget_access(instance)


@receiver(pre_delete, sender=SocialAccount)
def forget_switches(instance: SocialAccount, **_kwargs: Any) -> None:
    """Switch off what somebody broke of a sample person: the next one to be them did not."""
    if instance.provider == "sandbox":
        SandboxFault.objects.filter(person=instance.uid).delete()


@receiver(source_changed)
def settle_files(*, source: Source, change: Change, **_kwargs: Any) -> None:
    """Let files stop counting that say the same as what the person chose just now."""
    if change == Change.SELECTED and source.grant is not None:
        owners = [source.grant.account]
        transaction.on_commit(lambda: archives.settle(owners=owners, now=timezone.now()))


@receiver(post_delete, sender=Upload)
def delete_file(instance: Upload, **_kwargs: Any) -> None:
    """Delete the bytes of an upload whose row is gone, whichever way that went."""
    path = instance.path
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _keep(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Store what was granted and what it offers. A list that fails can be asked for again."""
    now = timezone.now()
    archives.settle(owners=[sociallogin.account], now=now)
    granted = getattr(sociallogin, "granted", None)
    network, _issuer = linking.network_of(sociallogin.account)
    if granted is None or not connectors.has(network):
        return  # a network that only signs people in
    try:
        grant = linking.keep_grant(account=sociallogin.account, granted=granted, now=now)
        choosing.list_targets(grant=grant, now=now)
    except linking.LinkingError as error:
        messages.error(request, str(error))
