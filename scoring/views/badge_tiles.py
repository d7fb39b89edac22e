"""Badges in the words and drawings of pages: on one's own, on others', on the page of one badge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import figures
from scoring.badges import Held, Mine, names
from scoring.charts.medal import EDGES, medal
from scoring.engine.badges import EARLY, TABLE, Badge, Next
from scoring.models import BadgeAward

Shares = Mapping[tuple[str, int], float]  # badge and level -> percent of the people here


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done about a badge."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A badge in words, with the address of its page."""

    name: str
    url: str
    took: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A badge, or a level of one, with what is told of it, in sentences."""

    name: str
    url: str
    drawing: SafeString
    took: str
    facts: tuple[str, ...] = ()
    pinned: bool = False
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Lower:
    """A level below the highest that somebody has, and when they earned it."""

    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table of all badges."""

    name: str
    url: str
    levels: str
    counted: str
    yours: str


def shown(held: Held, handle: str) -> Shown:
    """Return a badge as others see it. handle: of whoever shows it."""
    slug, level = held.badge.slug, held.award.level
    return Shown(
        name=names.titled(f"{slug}:{level}"),
        url=reverse("profile_badge", args=[handle, slug]),
        took=names.took(slug, level),
    )


def emblem(held: Held) -> SafeString:
    """Draw a badge to stand without words beside it: the drawing says what it is."""
    code = f"{held.badge.slug}:{held.award.level}"
    return drawn(held.badge, held.award.level, title=names.titled(code))


def mine(held: Held, shares: Shares, *, hidden: bool = False) -> Tile:
    """Return a badge as its person sees it."""
    slug, level = held.badge.slug, held.award.level
    return Tile(
        name=names.titled(f"{slug}:{level}"),
        url=reverse("badge", args=[slug]),
        drawing=drawn(held.badge, level),
        took=names.took(slug, level),
        pinned=held.pinned,
        facts=_facts(held.badge, held.award, shares),
        buttons=buttons(held, hidden=hidden),
    )


def of_another(held: Held, shares: Shares) -> Tile:
    """Return a badge as its page tells others of it."""
    return replace(mine(held, shares), url="", pinned=False, buttons=())


def lower(badge: Badge, award: BadgeAward) -> Lower:
    """Return a level that somebody has gone beyond."""
    return Lower(names.titled(f"{badge.slug}:{award.level}"), _when(award))


def buttons(held: Held, *, hidden: bool) -> tuple[Button, ...]:
    """Return what its person can do about a badge."""
    if hidden:
        offered = [("show", _("Show again"))]
    else:
        pin = ("unpin", _("Unpin")) if held.pinned else ("pin", _("Pin"))
        offered = [pin, ("hide", _("Hide"))]
    slug = held.badge.slug
    return tuple(Button(label, reverse("badge_change", args=[slug, act])) for act, label in offered)


def near(one: Next) -> Tile:
    """Return a level that is on its way, with how far it is."""
    slug = one.badge.slug
    count, missing = one.count or 0, one.missing or 0
    return Tile(
        name=names.titled(f"{slug}:{one.level}"),
        url=reverse("badge", args=[slug]),
        drawing=drawn(one.badge, one.level, progress=count / one.level),
        took=names.took(slug, one.level),
        facts=(
            _("%(more)s: %(count)s of %(level)s.")
            % {
                "more": names.more(slug, missing),
                "count": figures.whole(count),
                "level": figures.whole(one.level),
            },
        ),
    )


def levels(badge: Badge, held: Held | None, ahead: Next | None, shares: Shares) -> list[Tile]:
    """Return every level of a badge, those that are held in full, the others in outline."""
    awards = {one.level: one for one in (held.award, *held.lower)} if held else {}
    return [
        _level(badge, level, awards.get(level), ahead, shares)
        for level in sorted({*badge.levels, *awards})
    ]


def _level(
    badge: Badge, level: int, award: BadgeAward | None, ahead: Next | None, shares: Shares
) -> Tile:
    tile = Tile(
        name=names.titled(f"{badge.slug}:{level}"),
        url="",
        drawing=drawn(badge, level),
        took=names.took(badge.slug, level),
    )
    if award is not None:
        return replace(tile, facts=_facts(badge, award, shares))
    count = ahead.count if ahead else None
    done = 0.0 if count is None else min(1.0, count / level)
    facts = [_share(shares.get((badge.slug, level)))]
    if badge.distant and count is not None:
        facts.insert(0, f"{names.more(badge.slug, max(0, level - count))}.")
    return replace(
        tile, drawing=drawn(badge, level, progress=done), facts=tuple(filter(None, facts))
    )


def rules(held: Mine) -> list[Rule]:
    """Return the rules of all badges, each with how far the person is."""
    return [
        Rule(
            name=names.name(badge.slug),
            url=reverse("badge", args=[badge.slug]),
            levels=_("Single") if len(badge.levels) == 1 else _listed(badge),
            counted=f"{names.took(badge.slug, badge.levels[0])} {names.counted(badge.slug)}",
            yours=yours(badge, held),
        )
        for badge in TABLE
    ]


def _listed(badge: Badge) -> str:
    return " · ".join(figures.whole(level) for level in badge.levels)


def yours(badge: Badge, held: Mine) -> str:
    """Return how many of what a badge counts its person has, or that nothing tells."""
    count = held.counts.get(badge.slug)
    if not badge.distant:
        return _("Yes") if count else _("No")
    return _("Not told") if count is None else figures.whole(count)


def drawn(
    badge: Badge, level: int, *, progress: float | None = None, title: str = ""
) -> SafeString:
    """Draw a level of a badge: the last of several has the grandest edge."""
    rank = sum(each <= level for each in badge.levels)
    if rank == len(badge.levels) > 1:
        rank = EDGES
    number = figures.whole(EARLY if badge.slug == "early" else level)
    return medal(badge.slug, rank=max(1, rank), number=number, title=title, progress=progress)


def _facts(badge: Badge, award: BadgeAward, shares: Shares) -> tuple[str, ...]:
    """Return when a level was earned, under which rule if not today's, and how many have it."""
    told = (_when(award), _rule(award, badge), _share(shares.get((badge.slug, award.level))))
    return tuple(filter(None, told))


def _when(award: BadgeAward) -> str:
    day = figures.day_year(award.earned_on)
    if award.exact:
        return _("Earned %(day)s.") % {"day": day}
    return _("Counted %(day)s; it may have been earlier.") % {"day": day}


def _rule(award: BadgeAward, badge: Badge) -> str:
    if award.rule == badge.rule:
        return ""
    return _("Earned under the rule of %(year)s.") % {"year": award.rule}


def _share(percent: float | None) -> str:
    if percent is None:
        return ""
    if percent < 1:
        return _("Fewer than 1 % of people here have it.")
    return _("%(share)s %% of people here have it.") % {"share": figures.decimal(percent, 0)}
