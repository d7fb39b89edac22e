"""Connected over there, but not here: why, for each network, and what mends it.

Pure. Being on a network's list of apps means that you let us in once; it says nothing about whether
that access still opens anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, and what to do about it."""

    cause: str
    mend: str


_AGAIN = "Connect again here; the entry over there may stay as it is."
_TICK = "Connect again and leave every permission ticked."
_PAGE = "Connect again, and in the list of pages tick it, or all current and future ones."
_OWNER = "Ask its owner for the role, then press “Check now”."
_OURS = "Nothing for you to do: it is for whoever runs this site."
_WRONG_ONE = "Sign out over there, sign in with the right account, and connect again."

# So it may be anywhere.
EVERYWHERE: tuple[Why, ...] = (
    Why(
        "The account speaks for another profile of this site, perhaps an older one of yours.",
        "Sign in with that profile and unlink it there, then link it here.",
    ),
    Why(
        "The list over there keeps an entry for every site you ever let in, also for ended access.",
        "Press “Check now”: we ask what the network itself says about the access.",
    ),
)

_META: tuple[Why, ...] = (
    Why("Your password was changed, or you signed out everywhere.", _AGAIN),
    Why("Sixty days went by, and we could not have it prolonged.", _AGAIN),
    Why("You had not used it here for ninety days: then data is closed, the entry stays.", _AGAIN),
    Why("A permission was unticked, at the time or since.", _TICK),
    Why("This site's app is not approved there yet, or only for its testers.", _OURS),
    Why("The browser was signed in with another account over there.", _WRONG_ONE),
)

CONNECTED_THERE: Mapping[str, tuple[Why, ...]] = {
    "sandbox": (
        Why("A fault is switched on for this made-up account.", "Switch it off under faults."),
        Why("The page was not ticked on the consent page.", _PAGE),
    ),
    "mastodon": (
        Why("The server dropped this site's registration, or restored an old copy.", _AGAIN),
        Why("You moved to another server: this account stays and says nothing new.", "Link that."),
        Why("Your account is limited, or waits for approval over there.", "Ask its moderators."),
        Why("The server is gone or out of reach.", "Wait; after two weeks we say so here."),
    ),
    "bluesky": (
        Why("The session there was ended, or its time of 180 days was over.", _AGAIN),
        Why("Your handle or server changed, and they no longer point at each other.", _AGAIN),
        Why("The account is deactivated or taken down.", "Reactivate it over there."),
        Why("You ask apps without sign-in not to show you, and we honour that.", "Your choice."),
    ),
    "facebook": (
        Why("The page was not ticked in Facebook's list.", _PAGE),
        Why("You chose current pages only, and the page came later.", _PAGE),
        Why(
            "The page belongs to a business, and the permission for businesses was left out.",
            "Connect again and allow business pages too.",
        ),
        Why("Your role there changed, or is only a part of it.", _OWNER),
        Why("The page is unpublished, or closed by age or country.", "Publish it over there."),
        *_META,
    ),
    "instagram": (
        Why("It is a personal account: apps see nothing of those.", "Make it a professional one."),
        Why("The Facebook page it belongs to is another one, or none.", "Link it over there."),
        Why("It was not ticked in the list.", _PAGE),
        Why("Posts from before it became professional have no figures.", "Those stay out."),
        *_META,
    ),
    "threads": (
        Why("The profile is private: then a permission lasts ninety days.", _AGAIN),
        Why("An invitation as tester was not accepted in Threads' settings.", "Accept it there."),
        *_META,
    ),
    "linkedin": (
        Why("Sixty days went by: LinkedIn ends the access and keeps the entry.", _AGAIN),
        Why("It was taken back under permitted services.", _AGAIN),
        Why("You are not an administrator of the page any more.", _OWNER),
        Why("This site may only sign you in there: pages need LinkedIn's approval.", _OURS),
        Why("This site asks in a version that LinkedIn has ended.", _OURS),
        Why("You have two accounts there, and connected the other one.", _WRONG_ONE),
        Why(
            "Groups and your personal feed: no app may read those.",
            "Upload your analytics file instead.",
        ),
    ),
    "x": (
        Why("The renewal of the access was used twice, so X ended it.", _AGAIN),
        Why("Your account is protected or suspended.", "Open it over there."),
        Why("What this site may spend at X today is spent.", _OURS),
        Why("A permission was left out.", _TICK),
    ),
    "youtube": (
        Why("Another channel was chosen at Google: an access is for one channel.", _WRONG_ONE),
        Why("The permission for YouTube was left unticked.", _TICK),
        Why("It was not used for six months, or this site is still in testing there.", _AGAIN),
        Why("The day's questions of this site are used up.", _OURS),
    ),
    "github": (
        Why("It was not used for a year, or a newer one took its place.", _AGAIN),
        Why("It was found in a public place, so GitHub ended it.", _AGAIN),
        Why("An organisation allows its own sign-in only.", "Its repositories stay out."),
    ),
    "tiktok": (
        Why("The renewal ended after a year.", _AGAIN),
        Why("A permission was unticked.", _TICK),
        Why("This site's app is in testing there, for named people only.", _OURS),
    ),
    "reddit": (
        Why("It was taken back in Reddit's settings.", _AGAIN),
        Why("The account is suspended.", "Ask Reddit."),
        Why("Reddit has not approved this site.", _OURS),
    ),
}


def connected_there(network: str) -> tuple[Why, ...]:
    """Return why a network may list us as connected and not be read, the likeliest first."""
    return (*CONNECTED_THERE.get(network, ()), *EVERYWHERE)
