"""Badges, style and moments: of the person of a token, and as others may see them."""

from datetime import datetime
from typing import Any

from ninja import Router

from scoring import badges, styles, words
from scoring.api import schemas_page as schemas
from scoring.api.callers import ApiRequest, asks
from scoring.badges import names
from scoring.engine.badges import Next
from scoring.engine.style import WINDOW_DAYS
from scoring.models import Style
from scoring.people import moments
from scoring.views import style_words
from scoring.views.profile import SHOWN_MOMENTS

router = Router(tags=["You"])


@router.get("/me/badges", response=schemas.Badges, summary="Your badges", **asks("profile:read"))
def my_badges(request: ApiRequest) -> schemas.Badges:
    """What you earned, hidden ones too, and how far the next level of each is."""
    mine, shares = badges.of_person(request.auth.person.pk), badges.shares()
    near = {one.badge.slug for one in mine.near}
    ahead = [one for one in mine.ahead.values() if one.badge.distant]
    return schemas.Badges(
        as_of=mine.as_of,
        badges=[_own(one, shares, hidden=False) for one in mine.shown]
        + [_own(one, shares, hidden=True) for one in mine.hidden],
        next=[_next(one, near=one.badge.slug in near) for one in ahead],
    )


@router.get("/me/style", response=schemas.OwnStyle, summary="Your style", **asks("profile:read"))
def my_style(request: ApiRequest) -> schemas.OwnStyle:
    """Which of sixteen kinds your posts make you, and the numbers that say so."""
    row = Style.objects.filter(user=request.auth.person).first()
    numbers = styles.numbers_of(row) if row else None
    return schemas.OwnStyle(
        **_style(row),
        as_of=row.as_of if row else None,
        window_days=WINDOW_DAYS,
        numbers=schemas.StyleNumbers(**row.numbers) if row else None,
        missing=style_words.missing(numbers) if numbers else [],
    )


@router.get("/me/moments", response=schemas.Moments, summary="Your moments", **asks("score:read"))
def my_moments(request: ApiRequest) -> schemas.Moments:
    """Posts of the last 90 days that moved your score most, without those you removed."""
    found = moments.of_person(request.auth.person.pk, now=request.auth.now)
    return schemas.Moments(
        moments=[
            schemas.OwnMoment(
                **_moment(one), people=one.people, public=one.post.visibility == "public"
            )
            for one in found
        ]
    )


def badges_shown(user_id: int) -> list[schemas.Badge]:
    """Return the badges of somebody that others may know of. One query."""
    return [schemas.Badge(**_badge(one)) for one in badges.shown(user_id)]


def style_shown(user_id: int) -> schemas.Style:
    """Return the style of somebody. One query."""
    return schemas.Style(**_style(Style.objects.filter(user=user_id).first()))


def moments_shown(user_id: int, *, now: datetime) -> list[schemas.Moment]:
    """Return the moments of somebody that others may know of, as many as on their page."""
    found = moments.shown_to_others(user_id, now=now, most=SHOWN_MOMENTS)
    return [schemas.Moment(**_moment(one)) for one in found]


def _badge(held: badges.Held) -> dict[str, Any]:
    slug, award = held.badge.slug, held.award
    return {
        "badge": slug,
        "name": names.titled(f"{slug}:{award.level}"),
        "level": award.level,
        "took": names.took(slug, award.level),
        "earned_on": award.earned_on,
        "exact": award.exact,
    }


def _own(
    held: badges.Held, shares: dict[tuple[str, int], float], *, hidden: bool
) -> schemas.OwnBadge:
    return schemas.OwnBadge(
        **_badge(held),
        counted=names.counted(held.badge.slug),
        rule=held.award.rule,
        old=held.award.old,
        pinned=held.pinned,
        hidden=hidden,
        lower_levels=[one.level for one in held.lower],
        share_percent=shares.get((held.badge.slug, held.award.level)),
    )


def _next(one: Next, *, near: bool) -> schemas.NextBadge:
    slug = one.badge.slug
    return schemas.NextBadge(
        badge=slug,
        name=names.titled(f"{slug}:{one.level}"),
        level=one.level,
        count=one.count,
        missing=one.missing,
        near=near,
        counted=names.counted(slug),
    )


def _style(row: Style | None) -> dict[str, Any]:
    kind = row.kind if row else ""
    return {
        "kind": kind,
        "name": style_words.name(kind) if kind else "",
        "meaning": style_words.meaning(kind) if kind else "",
        "across": row.across if row else None,
        "down": row.down if row else None,
    }


def _moment(one: moments.Moment) -> dict[str, Any]:
    source = one.post.source
    return {
        "text": one.post.excerpt,
        "url": words.linkable(one.post.url),
        "account": words.source_name(source.network, source.title),
        "posted_at": one.post.created_at,
        "points": one.points,
        "reactions": dict(one.kinds),
    }
