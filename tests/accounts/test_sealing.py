"""Tokens at rest: moved, cut, changed or without their key they never open."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import access, choosing, linking, sealing
from accounts.connectors.base import ConnectorError
from accounts.sealing import CannotOpen, seal, unseal
from tests.accounts.builders import NOW, grant, person, source

PLACE = "grant:1:token"
KEY = "a:" + "k" * 32
OTHER = "b:" + "q" * 32


@pytest.fixture(autouse=True)
def _one_key(settings: Settings) -> None:
    settings.TOKEN_KEYS = [KEY]


@given(st.text(min_size=1, max_size=500))
def test_whatever_is_sealed_opens_in_its_place(plain: str) -> None:
    sealed = seal(plain, bound_to=PLACE)

    assert unseal(sealed, bound_to=PLACE) == plain


def test_nothing_stays_nothing() -> None:
    assert seal("", bound_to=PLACE) == ""
    assert unseal("", bound_to=PLACE) == ""


def test_the_same_token_never_looks_the_same_twice_and_never_shows() -> None:
    first, second = seal("canary", bound_to=PLACE), seal("canary", bound_to=PLACE)

    body = base64.urlsafe_b64decode(first.rpartition(".")[2])
    assert first != second
    assert b"canary" not in body


@pytest.mark.parametrize("elsewhere", ["grant:2:token", "grant:1:refresh", "revoke", ""])
def test_a_token_moved_elsewhere_does_not_open(elsewhere: str) -> None:
    sealed = seal("canary", bound_to=PLACE)

    with pytest.raises(CannotOpen, match="belongs elsewhere"):
        unseal(sealed, bound_to=elsewhere)


def test_every_flipped_byte_is_refused() -> None:
    head, _, body = seal("canary" * 10, bound_to=PLACE).rpartition(".")
    raw = base64.urlsafe_b64decode(body)

    for place in range(len(raw)):
        for flip in (0x01, 0x80):
            changed = bytearray(raw)
            changed[place] ^= flip
            forged = f"{head}.{base64.urlsafe_b64encode(changed).decode()}"
            with pytest.raises(CannotOpen):
                unseal(forged, bound_to=PLACE)


def test_every_cut_is_refused() -> None:
    sealed = seal("canary", bound_to=PLACE)

    for length in range(1, len(sealed)):
        with pytest.raises(CannotOpen):
            unseal(sealed[:length], bound_to=PLACE)


@given(st.text(min_size=1, max_size=200))
def test_what_was_never_sealed_is_never_taken_for_a_token(text: str) -> None:
    with pytest.raises(CannotOpen):
        unseal(text, bound_to=PLACE)


def test_a_lost_key_is_named(settings: Settings) -> None:
    sealed = seal("canary", bound_to=PLACE)
    settings.TOKEN_KEYS = [OTHER]

    with pytest.raises(CannotOpen, match="key 'a' is not in TOKEN_KEYS"):
        unseal(sealed, bound_to=PLACE)


def test_the_same_name_with_another_key_does_not_open(settings: Settings) -> None:
    sealed = seal("canary", bound_to=PLACE)
    settings.TOKEN_KEYS = ["a:" + "z" * 32]

    with pytest.raises(CannotOpen):
        unseal(sealed, bound_to=PLACE)


def test_a_new_key_seals_while_the_old_one_still_opens(settings: Settings) -> None:
    old = seal("canary", bound_to=PLACE)
    settings.TOKEN_KEYS = [OTHER, KEY]

    new = seal("canary", bound_to=PLACE)

    assert new.startswith("v1.b.")
    assert unseal(old, bound_to=PLACE) == unseal(new, bound_to=PLACE) == "canary"


@pytest.mark.django_db
def test_tokens_swapped_between_two_people_open_for_neither() -> None:
    first, second = grant(person()), grant(person("bo"), who="jun")
    first.sealed_token, second.sealed_token = second.sealed_token, first.sealed_token

    for each in (first, second):
        with pytest.raises(CannotOpen):
            each.access()


@pytest.mark.django_db
def test_a_lost_key_asks_to_connect_again_and_no_network_is_asked(
    settings: Settings,
) -> None:
    row = source(person())
    settings.TOKEN_KEYS = [OTHER]

    with pytest.raises(ConnectorError, match="Connect it again"):
        access.ask(row.grant, lambda good: good, now=NOW, source=row)
    with pytest.raises(linking.LinkingError, match="Connect it again"):
        choosing.list_targets(grant=row.grant, now=NOW)


@pytest.mark.django_db
def test_a_page_token_is_bound_to_its_page() -> None:
    row = source(person())
    row.seal_target_token("canary")
    row.external_id = "slow-atlas"

    with pytest.raises(CannotOpen):
        row.target_token()


def test_a_sealed_value_says_in_its_error_nothing_of_what_it_holds() -> None:
    sealed = seal("canary", bound_to=PLACE)

    with pytest.raises(CannotOpen) as refused:
        sealing.unseal(sealed[:-4] + "AAAA", bound_to=PLACE)

    assert "canary" not in str(refused.value)
