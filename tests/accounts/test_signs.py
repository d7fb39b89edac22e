"""Every sign of trouble of every network ends in its code, and each code in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.connectors.base import Access, ConnectorError
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Fake, Sign

SIGNS = [(network, sign) for network in FAKES for sign in fake_of(network).signs]


@pytest.mark.usefixtures("insecure")
@pytest.mark.parametrize(
    ("network", "sign"), SIGNS, ids=[f"{network}: {sign.name}" for network, sign in SIGNS]
)
def test_a_sign_of_trouble_is_read_as_what_it_means(network: str, sign: Sign) -> None:
    with fake_of(network)() as fake:
        fake.answer(sign.path, lambda: sign.answer)

        with pytest.raises(ConnectorError) as refused:
            at_stage(sign.stage, fake)

    assert refused.value.code == sign.code
    assert str(refused.value).endswith(".")


def at_stage(stage: str, fake: Fake) -> None:
    """Do what the product does at a stage, against the fake."""
    connector, access, now = fake.connector(), fake.access(), timezone.now()
    if stage == "refresh":
        connector.refresh(access, now=now)
    elif stage == "read":
        since = now - timedelta(days=90)
        connector.read(access, fake.target_id, since=since, now=now, progress=lambda _said: None)
    else:
        link(fake, access)


def link(fake: Fake, access: Access) -> None:
    """Exchange a code where the network is one of the usual pattern, then list."""
    connector, now = fake.connector(), timezone.now()
    if exchange := getattr(connector, "exchange", None):
        exchange(fake.code, redirect_uri="http://127.0.0.1/back", verifier="v" * 43, now=now)
    connector.identity(access, now=now)
    connector.targets(access, now=now)
