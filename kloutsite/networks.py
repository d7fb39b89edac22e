"""Which networks are set up here, read from the environment.

A network that needs keys is on when both are set; half of them stops the start, since a button that
fails at the last step is worse than none.
"""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from accounts.connectors import dpop
from accounts.connectors.setup import SETUPS, Config, Setup
from kloutsite import env

LARGEST_AMOUNT = 1_000_000_000  # a day, of dollars or of units
FEWEST_CALLS = 100  # an hour: with fewer, a large account could never be read whole


def configured(site_url: str, data: Path) -> dict[str, Config]:
    """Return the networks that are on, by name; keys made here are kept in the folder `data`.

    Raises env.BadSetting for half a set-up.
    """
    found = {network: _config(network, setup, site_url, data) for network, setup in SETUPS.items()}
    return {network: config for network, config in found.items() if config is not None}


def _config(network: str, setup: Setup, site_url: str, data: Path) -> Config | None:
    """Return what is set for one network, or None when it is off."""
    prefix = network.upper()
    client_id = env.text(f"{prefix}_CLIENT_ID").strip() if setup.keys else ""
    client_secret = env.secret(f"{prefix}_CLIENT_SECRET") if setup.keys else ""
    if bool(client_id) != bool(client_secret):
        have, lack = ("ID", "SECRET") if client_id else ("SECRET", "ID")
        raise env.BadSetting(
            f"{prefix}_CLIENT_{have} is set and {prefix}_CLIENT_{lack} is not. Set both, or "
            f"neither to leave {setup.name} off."
        )
    on = env.flag(prefix, default=setup.on)
    if setup.keys and not client_id:
        if on and env.text(prefix):
            raise env.BadSetting(
                f"{prefix} is on, but {prefix}_CLIENT_ID and {prefix}_CLIENT_SECRET are not set."
            )
        return None
    if not on:
        return None
    return Config(
        network=network,
        client_id=client_id,
        client_secret=_own_key(prefix, data) if setup.signs else client_secret,
        addresses=tuple(
            (name, _address(f"{prefix}_{name.upper()}_URL", default))
            for name, default in setup.addresses.items()
        ),
        options=tuple(
            (name, _option(f"{prefix}_{name.upper()}", default))
            for name, default in setup.options.items()
        ),
        site_url=site_url,
    )


def _own_key(prefix: str, data: Path) -> str:
    """Return the private key we sign with, or a set of them. Raises env.BadSetting."""
    name, kept = f"{prefix}_KEY", data / f"{prefix.lower()}_key"
    value = env.secret(name) or env.kept_secret(kept, make=dpop.new_key)
    try:
        dpop.keys_in(value)
    except dpop.BadKey as error:
        raise env.BadSetting(
            f"{name} is no private key: {error}. Make one with: manage.py new_signing_key"
        ) from error
    return value


def _option(name: str, default: str) -> str:
    """Return the value of an option; an empty one is the default. Raises env.BadSetting.

    One that ends in DAILY_BUDGET or DAILY_QUOTA is an amount, and nobody may be billed by a slip;
    one that ends in HOURLY_CALLS is a whole number.
    """
    value = env.text(name).strip() or default
    if name.endswith("_HOURLY_CALLS") and not _is_calls(value):
        raise env.BadSetting(
            f"{name} is {value!r}. Write how many calls a server may get in an hour, "
            f"{FEWEST_CALLS} or more, or 0 for any number."
        )
    if name.endswith(("_DAILY_BUDGET", "_DAILY_QUOTA")):
        try:
            sound = 0 <= Decimal(value) <= LARGEST_AMOUNT
        except InvalidOperation:
            sound = False
        if not sound:
            raise env.BadSetting(
                f"{name} is {value!r}. Write an amount a day, such as {default}, or 0 for nothing."
            )
    return value


def _is_calls(value: str) -> bool:
    """Tell whether a value is a number of calls that at least one account can be read with."""
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        return False
    return int(value) == 0 or int(value) >= FEWEST_CALLS


def _address(name: str, default: str) -> str:
    """Return the base address `name`; a path is fine. Raises env.BadSetting."""
    value = env.text(name, default).strip().rstrip("/")
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and parts.hostname and not parts.query
    except ValueError:
        sound = False
    if not sound:
        example = default or "https://login.example.org"
        raise env.BadSetting(f"{name} is {value!r}. Write an address: {example}")
    return value
