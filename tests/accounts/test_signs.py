"""Every sign of trouble of every network ends in its code, and each code in words."""

import pytest

from accounts.connectors.base import ConnectorError
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Sign
from tests.accounts.stages import at_stage

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
