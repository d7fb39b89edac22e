"""The posts that tell when somebody is answered: their own ones, old enough to be answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from scoring.engine.timing import ENOUGH_DAYS, ENOUGH_POSTS, Posted
from scoring.models import Interaction, Post, Tally

WINDOW = timedelta(days=180)
ANSWERED = timedelta(days=2)  # most reactions come by then; a younger post is left out
MOST = 5_000  # posts, the newest


@dataclass(frozen=True, slots=True)
class Heard:
    """Posts with their hours and weekdays, and what is missing before anything is said of them."""

    posts: list[Posted]
    days: int  # different days with a post

    @property
    def posts_missing(self) -> int:
        """How many posts are still needed."""
        return max(0, ENOUGH_POSTS - len(self.posts))

    @property
    def days_missing(self) -> int:
        """On how many more days something must be posted."""
        return max(0, ENOUGH_DAYS - self.days)


def of_person(user_id: int, *, zone: ZoneInfo, now: datetime) -> Heard:
    """Return the person's own posts, no replies, at hours and weekdays of a zone. One query.

    Of a post the network's count is taken, or the people it named if those are more.
    """
    tallies = Tally.objects.filter(post=OuterRef("pk")).order_by()
    told = tallies.annotate(all=Func(F("delta"), function="SUM")).values("all")
    acts = Interaction.objects.filter(post=OuterRef("pk")).order_by()
    known = acts.values("post").annotate(all=Count("pk")).values("all")
    rows = Post.objects.filter(
        source__user=user_id,
        source__selected=True,
        kind="original",
        created_at__gt=now - WINDOW,
        created_at__lte=now - ANSWERED,
    ).annotate(reactions=Greatest(Coalesce(Subquery(told), 0), Coalesce(Subquery(known), 0)))
    posts, days = [], set()
    newest = rows.order_by("-created_at").values_list("source", "created_at", "reactions")[:MOST]
    for source, at, reactions in newest:
        local = at.astimezone(zone)
        days.add(local.date())
        posts.append(Posted(source, local.hour, local.weekday(), max(0, reactions)))
    return Heard(posts, len(days))
