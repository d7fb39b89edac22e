"""What an operator can set for each network: keys, addresses, versions, switches.

The name in the environment is that of the network and of the value in capitals: FACEBOOK_CLIENT_ID,
FACEBOOK_API_URL, FACEBOOK_VERSION. kloutsite.networks reads them; connectors get a Config and read
no settings. Every address can be set, so that a test server can stand in for each network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Setup:
    """The values one network has, with their defaults."""

    name: str  # as people write it
    # Two values that an operator gets from the network; without them it is off.
    keys: bool = True
    # We sign with a private key of our own, NETWORK_KEY, which is made and kept where none is set.
    signs: bool = False
    # Part of a name -> default address: {"api": ...} is NETWORK_API_URL.
    addresses: Mapping[str, str] = field(default_factory=dict)
    # Part of a name -> default: {"version": ...} is NETWORK_VERSION.
    options: Mapping[str, str] = field(default_factory=dict)
    # Whether it is on without being asked for (NETWORK=on or off says otherwise).
    on: bool = True
    # What an operator should know before switching it on.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """What is set for one network of this site."""

    network: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)  # or the key that we sign with
    addresses: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    site_url: str = ""

    def url(self, name: str) -> str:
        """Return the base address `name`, without a slash at its end."""
        return dict(self.addresses)[name]

    def option(self, name: str) -> str:
        """Return the value `name`."""
        return dict(self.options)[name]

    def is_on(self, name: str) -> bool:
        """Tell whether the switch `name` is on."""
        return self.option(name).strip().lower() in {"1", "true", "yes", "on"}


SETUPS: Mapping[str, Setup] = {
    "oidc": Setup(
        "OpenID Connect",
        addresses={"server": ""},
        options={"name": "OpenID Connect"},
        note="For signing in with a server of your own: nothing is read, and nothing of it counts.",
    ),
    # Per server and hour; servers allow 300 calls in 5 minutes.
    "mastodon": Setup("Mastodon", keys=False, options={"hourly_calls": "3600"}),
    "bluesky": Setup(
        "Bluesky",
        keys=False,
        signs=True,
        addresses={"appview": "https://public.api.bsky.app", "plc": "https://plc.directory"},
        options={"hourly_calls": "36000"},  # 3,000 in 5 minutes
    ),
    "github": Setup(
        "GitHub",
        addresses={"web": "https://github.com", "api": "https://api.github.com"},
        options={"version": "2022-11-28", "hourly_calls": "0"},
    ),
    "facebook": Setup(
        "Facebook",
        addresses={"web": "https://www.facebook.com", "api": "https://graph.facebook.com"},
        options={
            "version": "v25.0",
            # Cut to what Meta has approved: it refuses everybody for one that it has not.
            "scopes": "public_profile pages_show_list pages_read_engagement business_management "
            "instagram_basic instagram_manage_insights",
            "hourly_calls": "0",
        },
    ),
    "instagram": Setup(
        "Instagram",
        addresses={
            "web": "https://www.instagram.com",
            "token": "https://api.instagram.com",
            "api": "https://graph.instagram.com",
        },
        options={"version": "v25.0", "hourly_calls": "0"},
    ),
    "threads": Setup(
        "Threads",
        addresses={"web": "https://threads.com", "api": "https://graph.threads.net"},
        options={"version": "v1.0", "hourly_calls": "0"},
    ),
    "linkedin": Setup(
        "LinkedIn",
        addresses={"web": "https://www.linkedin.com", "api": "https://api.linkedin.com"},
        options={"version": "202608", "organisations": "off", "hourly_calls": "0"},
    ),
    "x": Setup(
        "X",
        addresses={"web": "https://x.com", "api": "https://api.x.com"},
        options={"fields": "tweet.fields", "daily_budget": "5.00"},
    ),
    "youtube": Setup(
        "YouTube",
        addresses={
            "web": "https://accounts.google.com",
            "token": "https://oauth2.googleapis.com",
            "api": "https://www.googleapis.com",
        },
        options={"in_score": "off", "daily_quota": "10000"},
        note="YouTube's policies forbid numbers that mix its own with those of other networks, but "
        "for sites that YouTube audited and accepted. YOUTUBE_IN_SCORE=on says that yours is one; "
        "until then channels are shown on a card of their own.",
    ),
    "tiktok": Setup(
        "TikTok",
        addresses={"web": "https://www.tiktok.com", "api": "https://open.tiktokapis.com"},
        options={"hourly_calls": "36000"},  # 600 a minute
    ),
    "reddit": Setup(
        "Reddit",
        addresses={
            "web": "https://www.reddit.com",
            "api": "https://oauth.reddit.com",
        },
        # The operator's name at Reddit, which Reddit asks for; 100 calls a minute.
        options={"contact": "", "hourly_calls": "6000"},
        on=False,
        note="Off until REDDIT=on, even with keys: since November 2025 Reddit gives keys only to "
        "sites that it approved, wants deleted what people delete there, and restricts building "
        "profiles of people.",
    ),
}
