"""Whose account a file names is found among the accounts of its own server, and no others."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from accounts import archives
from accounts.connectors.archives import Claim
from accounts.models import User

pytestmark = pytest.mark.django_db

ADDRESS = "https://m0.example/@nora7"


def accounts(servers: int, each: int) -> None:
    """Link so many accounts on so many servers."""
    User.objects.bulk_create(User(username=f"p{n}") for n in range(servers * each))
    users = list(User.objects.order_by("pk"))
    SocialAccount.objects.bulk_create(
        SocialAccount(
            user=users[server * each + number],
            provider=f"mastodon:m{server}.example",
            uid=str(number),
            extra_data={"url": f"https://m{server}.example/@nora{number}"},
        )
        for server in range(servers)
        for number in range(each)
    )


def test_the_owner_of_an_address_is_found_on_its_server() -> None:
    accounts(servers=3, each=10)

    (owner,) = archives.owners_of(Claim("mastodon:m0.example", ADDRESS))

    assert (owner.provider, owner.uid) == ("mastodon:m0.example", "7")
    assert archives.owners_of(Claim("mastodon:m1.example", ADDRESS)) == []


def test_accounts_of_other_servers_are_not_looked_at() -> None:
    accounts(servers=20, each=5)
    asked = SocialAccount.objects.filter(provider="mastodon:m0.example", extra_data__url=ADDRESS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE socialaccount_socialaccount")
            cursor.execute("SET LOCAL enable_seqscan = off")  # which a small table invites

    plan = asked.explain()

    assert "provider" in plan
    assert "SCAN socialaccount" not in plan
    assert "Seq Scan" not in plan
