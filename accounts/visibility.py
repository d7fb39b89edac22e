"""What of a person somebody may see: one rule for page, feed, search, preview and programs."""

from dataclasses import dataclass

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

    feed: milestones of the score, which tell both what it is and how it went.
    indexed: search engines may list it.
    """

    page: bool = False
    score: bool = False
    history: bool = False
    topics: bool = False
    networks: bool = False
    findable: bool = False
    indexed: bool = False

    @property
    def feed(self) -> bool:
        """Whether the feed of milestones may be read."""
        return self.score and self.history


NOTHING = Visible()


def shown(profile: Profile | None, viewer: Viewer) -> Visible:
    """Return what a viewer may see of a profile. Asks no query, if its `user` came along.

    People see their own page always, with what a member would see if it were open.
    """
    if profile is None or viewer.blocked or not profile.user.is_active:
        return NOTHING
    if not (viewer.own or _reaches(profile.page, viewer)):
        return NOTHING
    return Visible(
        page=True,
        score=_reaches(profile.score, viewer),
        history=_reaches(profile.history, viewer),
        topics=_reaches(profile.topics, viewer),
        networks=_reaches(profile.networks, viewer),
        findable=profile.findable and profile.page != Audience.NOBODY,
        indexed=profile.indexed and profile.page == Audience.EVERYONE,
    )


def _reaches(audience: str, viewer: Viewer) -> bool:
    """Tell whether the viewer belongs to those whom the person named."""
    if audience == Audience.EVERYONE:
        return True
    return audience == Audience.MEMBERS and (viewer.signed_in or viewer.own)
