"""Posts about a perk that people name of their own accord, for what the campaign returned.

    name(user_id, ref, address, now)    a post of theirs that we read anyway, at most MOST
    withdraw(user_id, ref, named_id)    no longer named; the post itself stays as it is
    written(campaign_id)                all that were named, with their reactions from evidence

No post is owed. Nothing is fetched: an address that we do not read is refused.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from perks import claims
from perks.models import Claim, NamedPost
from perks.refusals import No, Refused
from scoring.models import Interaction, Post
from scoring.topics.reading import reactions_of

MOST = 5  # of one claim
_HAD = (Claim.State.CLAIMED, Claim.State.REDEEMED)


@dataclass(frozen=True, slots=True)
class Written:
    """A post that somebody named. reached: people who did something with it and are told apart."""

    day: date
    url: str
    network: str
    reactions: int
    reached: int


@transaction.atomic
def name(*, user_id: int, ref: UUID, address: str, now: datetime) -> NamedPost:
    """Name a post of one's own about what one claimed. Again changes nothing. Raises Refused."""
    mine = claims.own(claims.lock(user_id), ref)
    if mine.state not in _HAD:
        raise Refused(No.WRONG_STATE)
    address = address.replace("\x00", "").strip()
    theirs = Post.objects.filter(source__in=mine.user.sources.counted()) if mine.user else None
    post = theirs.filter(url=address).first() if theirs is not None and address else None
    if post is None:
        raise Refused(No.NO_SUCH_POST)
    if mine.claimed_at is not None and post.created_at < mine.claimed_at:
        raise Refused(No.POST_OLDER)
    if named := NamedPost.objects.filter(claim=mine, post=post).first():
        return named
    if NamedPost.objects.filter(claim=mine).count() >= MOST:
        raise Refused(No.POSTS_ENOUGH)
    return NamedPost.objects.create(claim=mine, post=post, at=now)


@transaction.atomic
def withdraw(*, user_id: int, ref: UUID, named_id: int) -> None:
    """Take a post back. Without it nothing happens. Raises Refused for another's claim."""
    mine = claims.own(claims.lock(user_id), ref)
    NamedPost.objects.filter(claim=mine, pk=named_id).delete()


def written(campaign_id: int) -> tuple[Written, ...]:
    """Return the posts that people named, the newest first. Four queries."""
    named = NamedPost.objects.filter(claim__campaign=campaign_id, claim__state__in=_HAD)
    rows = {one.post_id: one.post for one in named.select_related("post__source")}
    counted = reactions_of(rows)
    acts = Interaction.objects.filter(post__in=rows).order_by().values_list("post")
    reached = dict(acts.annotate(people=Count("actor", distinct=True)))
    return tuple(
        Written(
            day=post.created_at.date(),
            url=post.url,
            network=post.source.network,
            reactions=sum(counted.get(pk, {}).values()),
            reached=reached.get(pk, 0),
        )
        for pk, post in sorted(rows.items(), key=lambda one: one[1].created_at, reverse=True)
    )
