"""What an answer repeats of our keys is taken out before anybody reads its words."""

import base64

import pytest

from accounts.connectors import echoes, http

pytestmark = pytest.mark.one_engine

TOKEN = "ya29/abc+def-canary"


def hushed(body: str, *, refused: bool = True, form: dict[str, str] | None = None) -> str:
    secrets = echoes.secrets_of("https://a.example/", {"Authorization": f"Bearer {TOKEN}"}, form)
    return echoes.without(body.encode(), secrets, refused=refused).decode()


@pytest.mark.parametrize(
    "written",
    [TOKEN, TOKEN.replace("/", "\\/"), "ya29%2Fabc%2Bdef-canary", f"Bearer {TOKEN}", f"'{TOKEN}'"],
)
def test_a_key_is_taken_out_of_an_error_however_it_is_written(written: str) -> None:
    body = hushed(f'{{"error": "The token {written} is not valid"}}')

    assert "canary" not in body
    assert body.startswith('{"error": "The token ')
    assert body.endswith(' is not valid"}')


@pytest.mark.parametrize(
    "name",
    ["code", "code_verifier", "client_secret", "refresh_token", "token", "access_token",
     "fb_exchange_token", "client_assertion"],
)  # fmt: skip
def test_keys_in_fields_and_in_the_address_are_taken_out(name: str) -> None:
    in_form = hushed("no canary-value here", form={name: "canary-value"})
    asked = echoes.secrets_of(f"https://a.example/?{name}=canary-value", {})

    assert in_form == "no … here"
    assert asked == {"canary-value"}


def test_what_is_no_key_stays() -> None:
    form = {"redirect_uri": "https://klout.example/back/", "grant_type": "authorization_code"}

    words = hushed("https://klout.example/back/ is not registered", form=form)

    assert words == "https://klout.example/back/ is not registered"


def test_a_new_key_made_of_the_old_one_is_not_cut() -> None:
    body = f'{{"access_token": "{TOKEN}-two", "refresh_token": "x{TOKEN}"}}'

    assert hushed(body, refused=False) == body
    assert TOKEN not in hushed(body)


def test_a_renewal_that_gives_the_same_key_again_still_gives_it() -> None:
    body = f'{{"access_token": "{TOKEN}", "note": "for {TOKEN} again"}}'

    said = hushed(body, refused=False)

    assert said == f'{{"access_token": "{TOKEN}", "note": "for … again"}}'


def test_the_name_and_secret_of_this_site_are_one_word() -> None:
    headers = http.basic("ours", "canary-secret")

    secrets = echoes.secrets_of("https://a.example/", dict(headers))

    assert secrets == {base64.b64encode(b"ours:canary-secret").decode()}
