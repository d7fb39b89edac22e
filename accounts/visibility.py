"""What of a person somebody may see: one rule for page, feed, search, preview and programs."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models.people import User
from accounts.models.profiles import Audience, Profile


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `own`: at themselves. `blocked`: the person does not want to be seen by them."""

    signed_in: bool = False
    own: bool = False
    blocked: bool = False


STRANGER = Viewer()
MEMBER = Viewer(signed_in=True)


@dataclass(frozen=True, slots=True)
class Visible:
    """What may be seen. Where `page` is False nothing else is True, and all is as if unknown.

    history: days of the score, so by whom sees that too. plusk: beside the topics it was given in,
    so by whom sees both. feed: milestones, which tell what the score is and how it went.
    indexed: search engines may list it.
    """

    page: bool = False
    score: bool = False
    history: bool = False
    topics: bool = False
    badges: bool = False
    style: bool = False
    moments: bool = False
    networks: bool = False
    plusk: bool = False
    findable: bool = False
    indexed: bool = False

    @property
    def feed(self) -> bool:
        """Whether the feed of milestones may be read."""
        return self.history


NOTHING = Visible()
ITEMS = ("score", "history", "topics", "badges", "style", "moments", "networks", "plusk")
# An item -> the one that it tells of, without which nobody sees it.
_TELLS_OF = {"history": "score", "plusk": "topics"}


def shown(profile: Profile | None, viewer: Viewer) -> Visible:
    """Return what a viewer may see of a profile. Asks no query, if its `user` came along.

    People see their own page always, with what a member would see if it were open.
    """
    if profile is None or viewer.blocked or not profile.user.is_active:
        return NOTHING
    if not (viewer.own or _reaches(profile.page, viewer)):
        return NOTHING
    named = {item: _reaches(getattr(profile, item), viewer) for item in ITEMS}
    for item, other in _TELLS_OF.items():
        named[item] = named[item] and named[other]
    return Visible(
        page=True,
        **named,
        findable=profile.findable and profile.page != Audience.NOBODY,
        indexed=profile.indexed and profile.page == Audience.EVERYONE,
    )


def reach(profile: Profile | None, item: str) -> Audience:
    """Return the widest circle of others who see an item of a profile."""
    if getattr(shown(profile, STRANGER), item):
        return Audience.EVERYONE
    return Audience.MEMBERS if getattr(shown(profile, MEMBER), item) else Audience.NOBODY


def open_to(viewer: User | None, *items: str, person: str = "user") -> Q:
    """Return `shown` for many rows at once: those whose person lets the viewer see all `items`.

    None is somebody who is not signed in. person: the way from a row to its person. Blocks are not
    in it: accounts.blocking.apart.
    """
    audiences = [Audience.EVERYONE] if viewer is None else [Audience.MEMBERS, Audience.EVERYONE]
    told = {_TELLS_OF[item] for item in items if item in _TELLS_OF}
    wanted = {f"{person}__profile__{item}__in": audiences for item in {"page", *items, *told}}
    return Q(**wanted, **{f"{person}__is_active": True})


def _reaches(audience: str, viewer: Viewer) -> bool:
    """Tell whether the viewer belongs to those whom the person named."""
    if audience == Audience.EVERYONE:
        return True
    return audience == Audience.MEMBERS and (viewer.signed_in or viewer.own)
