"""Keys of ours that an answer repeats: servers like to quote a request in what they say about it.

Their words are kept and shown, so the keys are taken out before anybody reads them. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

# Fields and parameters that carry a key, a code, or what proves us.
_SECRET = frozenset(
    {
        "access_token",
        "appsecret_proof",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "fb_exchange_token",
        "input_token",
        "refresh_token",
        "token",
    }
)
_SHORTEST = 6  # what is shorter stands in many words by chance
_PART = rb"[A-Za-z0-9._~+/-]"  # of a key: beside one, the word is another, longer key
_REST = "…".encode()


def secrets_of(
    url: str, headers: Mapping[bytes | str, bytes | str], *bodies: object
) -> frozenset[str]:
    """Return what of a request must not be repeated: the value of Authorization, keys in fields."""
    said = dict(headers).get("Authorization", "")
    found = [said.rpartition(" ")[2] if isinstance(said, str) else ""]
    found += _named(parse_qsl(urlsplit(url).query))
    for body in bodies:
        found += _named(body.items()) if isinstance(body, Mapping) else []
    return frozenset(word for word in found if len(word) >= _SHORTEST)


def _named(pairs: Iterable[tuple[object, object]]) -> Iterator[str]:
    return (value for name, value in pairs if isinstance(value, str) and name in _SECRET)


def without(body: bytes, secrets: Iterable[str], *, refused: bool) -> bytes:
    """Return an answer's body with the secrets replaced by an ellipsis, also where escaped.

    When the network did not refuse, a field that is one of them and nothing else stays, as does a
    longer word that one of them is part of: a renewal may give the same key once more, or a new one
    made of the old.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret), _slashed(secret)}:
            if form.encode() in body:
                body = _pattern(form, refused=refused).sub(_REST, body)
    return body


def _slashed(secret: str) -> str:
    """Return the secret as some write it in JSON."""
    return secret.replace("/", "\\/")


def _pattern(form: str, *, refused: bool) -> re.Pattern[bytes]:
    word = re.escape(form.encode())
    if refused:
        return re.compile(word)
    whole = rb"(?<!" + _PART + rb")" + word + rb"(?!" + _PART + rb"|=)"
    return re.compile(rb'(?<!")' + whole + rb"|" + whole + rb'(?!")')
