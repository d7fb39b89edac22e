"""Every kind of notice: its sentence, where it leads, and whether it is mailed without asking.

Nothing is ticked beforehand but two things: what protects an account (Mail.ALWAYS: somebody else
may be at it, so it cannot be switched off either), and what waits for the person or answers what
they did: their links, cases and claims (Mail.OWN: two switches, and one click in each such mail).
All other kinds are mailed to who ticks them, in at most one mail a day.

A sentence names values by name: "who" is whoever did it, "topic" the slug of a topic, "badge" one
with its level ("likes:100"), names that end in _at hold a time and in _on a day in ISO 8601,
"change" is shown with its sign.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext

from accounts import case_subjects, figures, naming

Text = str | Promise


class Mail(StrEnum):
    """When a kind is mailed."""

    ALWAYS = "always"  # at once, to everybody
    OWN = "own"  # at once, by a letter that says more, unless the person wants no such mails
    MORNING = "morning"  # in the one mail of a day, to who ticked the kind


class Group(StrEnum):
    """Kinds that stand together on a page."""

    LINKS = "links"
    SCORE = "score"
    TOPICS = "topics"
    PLUSK = "plusk"
    BADGES = "badges"
    PERKS = "perks"
    ACCOUNT = "account"


GROUPS: dict[Group, Text] = {
    Group.LINKS: gettext_lazy("Links and cases"),
    Group.SCORE: gettext_lazy("Score"),
    Group.TOPICS: gettext_lazy("Topics"),
    Group.PLUSK: "+K",
    Group.BADGES: gettext_lazy("Badges"),
    Group.PERKS: gettext_lazy("Perks"),
    Group.ACCOUNT: gettext_lazy("Your account"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice. `leads` and `by_values`: a URL name, and which values it takes."""

    group: Group
    title: Text
    says: Text
    leads: str
    by_values: tuple[str, ...] = ()
    mail: Mail = Mail.MORNING


KINDS: dict[str, Kind] = {
    "link_needs_you": Kind(
        Group.LINKS,
        gettext_lazy("A link needs you"),
        gettext_lazy("%(network)s needs you: it refuses to let us read “%(title)s”."),
        "link",
        ("source",),
        Mail.OWN,
    ),
    "link_mended": Kind(
        Group.LINKS,
        gettext_lazy("A link works again"),
        gettext_lazy("“%(title)s” on %(network)s is read again."),
        "link",
        ("source",),
    ),
    "page_not_chosen": Kind(
        Group.LINKS,
        gettext_lazy("A linked account of which nothing counts"),
        gettext_lazy("%(network)s is linked, and nothing of it counts yet: choose what should."),
        "choose",
        ("grant",),
        Mail.OWN,
    ),
    "case_answered": Kind(
        Group.LINKS,
        gettext_lazy("A case was answered"),
        gettext_lazy("Case %(case)s was answered: %(subject)s"),
        "case",
        ("case",),
        Mail.OWN,
    ),
    "first_score": Kind(
        Group.SCORE,
        gettext_lazy("Your first score"),
        gettext_lazy("Your first score is there: %(score)s."),
        "score",
    ),
    "score_moved": Kind(
        Group.SCORE,
        gettext_lazy("Your score moved within a week"),
        gettext_lazy("Your score is %(score)s: %(change)s within a week."),
        "why",
    ),
    "model_changed": Kind(
        Group.SCORE,
        gettext_lazy("How the score is counted changed"),
        gettext_lazy(
            "Since %(since_on)s we count by %(model)s. As it was counted before, your score was "
            "%(before)s on %(before_on)s; now it is %(score)s: %(change)s points, with what "
            "happened in between."
        ),
        "why",
    ),
    "topic_new": Kind(
        Group.TOPICS,
        gettext_lazy("A new topic"),
        gettext_lazy("%(topic)s is among your topics now, by what people reacted to."),
        "my_topic",
        ("topic",),
    ),
    "topic_gone": Kind(
        Group.TOPICS,
        gettext_lazy("A topic that is no longer among yours"),
        gettext_lazy("%(topic)s is no longer among your topics: of late too little speaks of it."),
        "my_topics",
    ),
    "plusk_received": Kind(
        Group.PLUSK,
        gettext_lazy("Somebody gave you +K"),
        gettext_lazy("%(who)s gave you +K in %(topic)s."),
        "plusk",
    ),
    "plusk_offered": Kind(
        Group.PLUSK,
        gettext_lazy("A +K waits to be accepted"),
        gettext_lazy(
            "%(who)s gave you +K in %(topic)s, which you do not show: it counts once you accept it."
        ),
        "plusk",
    ),
    "plusk_accepted": Kind(
        Group.PLUSK,
        gettext_lazy("A +K of yours was accepted"),
        gettext_lazy("%(who)s accepted your +K in %(topic)s."),
        "plusk",
    ),
    "plusk_thanked": Kind(
        Group.PLUSK,
        gettext_lazy("Somebody thanked you for +K"),
        gettext_lazy("%(who)s thanks you for +K in %(topic)s."),
        "plusk",
    ),
    "plusk_void": Kind(
        Group.PLUSK,
        gettext_lazy("A +K of yours was taken out of what counts"),
        gettext_lazy(
            "An operator took your +K to %(who)s in %(topic)s out of what counts, after a report."
        ),
        "plusk",
    ),
    "badge_earned": Kind(
        Group.BADGES,
        gettext_lazy("A badge"),
        gettext_lazy("Badge: %(badge)s. Earned on %(earned_on)s."),
        "badges",
    ),
    "perk_fits": Kind(
        Group.PERKS,
        gettext_lazy("A perk that fits you opens"),
        gettext_lazy("A perk for you: “%(perk)s”, open from %(opens_at)s to %(closes_at)s."),
        "perk",
        ("campaign",),
    ),
    "perk_held": Kind(
        Group.PERKS,
        gettext_lazy("A perk is held for you"),
        gettext_lazy("Your turn came: “%(perk)s”, held for you until %(until_at)s."),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "perk_waiting": Kind(
        Group.PERKS,
        gettext_lazy("Your place on a waiting list"),
        gettext_lazy("“%(perk)s”: you are first on the waiting list now."),
        "perk",
        ("campaign",),
    ),
    "perk_list_over": Kind(
        Group.PERKS,
        gettext_lazy("A waiting list of yours is over"),
        gettext_lazy("“%(perk)s” ended, and none came free for you: its waiting list is over."),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "perk_drawn": Kind(
        Group.PERKS,
        gettext_lazy("You were drawn"),
        gettext_lazy("“%(perk)s”: you were drawn by lot on %(drawn_on)s."),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "perk_not_drawn": Kind(
        Group.PERKS,
        gettext_lazy("You were not drawn"),
        ngettext_lazy(
            "“%(perk)s”: not chosen this time. %(places)s place, %(people)s people, drawn by lot "
            "on %(drawn_on)s.",
            "“%(perk)s”: not chosen this time. %(places)s places, %(people)s people, drawn by lot "
            "on %(drawn_on)s.",
            "places",
        ),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "perk_draw_off": Kind(
        Group.PERKS,
        gettext_lazy("A draw that you take part in was called off"),
        gettext_lazy("“%(perk)s” was ended before the draw, so nobody got one by lot."),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "perk_shipped": Kind(
        Group.PERKS,
        gettext_lazy("A perk is on its way"),
        gettext_lazy("“%(perk)s” was sent on %(shipped_on)s."),
        "perk",
        ("campaign",),
    ),
    "perk_ends_soon": Kind(
        Group.PERKS,
        gettext_lazy("A perk that you claimed ends"),
        gettext_lazy("“%(perk)s”, which you claimed: to be used until %(until_at)s."),
        "perk",
        ("campaign",),
        Mail.OWN,
    ),
    "new_sign_in": Kind(
        Group.ACCOUNT,
        gettext_lazy("Signing in from a browser that is new here"),
        gettext_lazy(
            "Somebody signed in to your account with %(browser)s on %(system)s, which is new here."
        ),
        "settings",
        mail=Mail.ALWAYS,
    ),
    "password_changed": Kind(
        Group.ACCOUNT,
        gettext_lazy("Your password was changed"),
        gettext_lazy("The password of your account was changed."),
        "account_reset_password",
        mail=Mail.ALWAYS,
    ),
    "address_changed": Kind(
        Group.ACCOUNT,
        gettext_lazy("An email address was added or removed"),
        gettext_lazy("The email addresses of your account were changed."),
        "account_email",
        mail=Mail.ALWAYS,
    ),
    "second_factor_changed": Kind(
        Group.ACCOUNT,
        gettext_lazy("A passkey or second factor was added or removed"),
        gettext_lazy("The passkeys or second factors of your account were changed."),
        "mfa_index",
        mail=Mail.ALWAYS,
    ),
    "way_in_added": Kind(
        Group.ACCOUNT,
        gettext_lazy("A way to sign in was added"),
        gettext_lazy("An account at %(network)s can be used to sign in to yours now."),
        "socialaccount_connections",
        mail=Mail.ALWAYS,
    ),
    "way_in_removed": Kind(
        Group.ACCOUNT,
        gettext_lazy("A way to sign in was removed"),
        gettext_lazy("An account at %(network)s can no longer be used to sign in to yours."),
        "socialaccount_connections",
        mail=Mail.ALWAYS,
    ),
    "token_made": Kind(
        Group.ACCOUNT,
        gettext_lazy("A token for programs was made"),
        gettext_lazy(
            "The token “%(token)s” was made, with which a program may ask in your name until "
            "%(ends_on)s."
        ),
        "tokens",
        mail=Mail.ALWAYS,
    ),
}


PROTECTING = frozenset(name for name, kind in KINDS.items() if kind.mail == Mail.ALWAYS)


def sentence(kind: str, values: Mapping[str, Any], *, who: str) -> str:
    """Return what a notice says, in the language and zone that are active.

    A value that is missing, which an older version may not have written, is shown as "…".
    """
    shown = _Shown({name: _shown(name, value) for name, value in values.items()}, who=who)
    return str(KINDS[kind].says % shown)


def address(kind: str, values: Mapping[str, Any]) -> str:
    """Return the path that a notice leads to, or "" where there is no such page (any more)."""
    one = KINDS[kind]
    try:
        return reverse(one.leads, args=[values.get(name, "") for name in one.by_values])
    except NoReverseMatch:
        return ""


_COUNTS = frozenset({"places", "people"})  # other whole numbers name something, as a case's does


class _Counted(int):
    """A whole number that is written with its thousands set apart."""

    def __str__(self) -> str:
        return figures.whole(int(self))


class _Shown(dict[str, Any]):
    """Values as they are read."""

    def __missing__(self, name: str) -> str:
        return "…"


def _shown(name: str, value: Any) -> Any:
    """Return a value as it is read; whole numbers stay numbers, since plurals depend on them."""
    if name == "topic":
        return naming.name_of_topic(str(value))
    if name == "badge":
        return naming.name_of_badge(str(value))
    if name == "subject" and isinstance(value, dict):  # a text where an older version wrote it
        return case_subjects.said(value)
    if value == "" and name == "browser":
        return _("an unknown browser")
    if value == "" and name == "system":
        return _("an unknown system")
    if isinstance(value, str) and name.endswith("_at"):
        at = timezone.localtime(datetime.fromisoformat(value))
        said = pgettext("a time in a notice, after from, to or until", "%(time)s on %(day)s")
        return said % {
            "time": f"{at:%H:%M}",
            "day": figures.day_year(at.date()),
        }
    if isinstance(value, str) and name.endswith("_on"):
        return figures.day_year(date.fromisoformat(value))
    if isinstance(value, float):
        return figures.signed(value) if name == "change" else figures.decimal(value)
    return _Counted(value) if type(value) is int and name in _COUNTS else value
