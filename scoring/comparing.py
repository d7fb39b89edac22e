"""The count we hold of a post beside the count its network gave when the doctor asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext_noop

from accounts.connectors.base import Kind
from accounts.models import LinkCheck, Source
from scoring import words
from scoring.models import Interaction, Post, Tally

# Kind -> (how many, whether the network counted them or we know them by name).
Held = dict[Kind, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of reaction to one post. `ours` and `theirs` are None where nobody said."""

    kind: Kind
    ours: int | None
    theirs: int | None
    word: str

    @property
    def name(self) -> str:
        """The kind in words."""
        return words.kind_name(self.kind)


@dataclass(frozen=True, slots=True)
class Compared:
    """One post. `post` is what we hold of it, None when we do not; `word` when it differs whole."""

    external_id: str
    at: datetime
    url: str
    post: Post | None
    rows: tuple[Row, ...]
    word: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both say the same about everything."""
        return not self.word and all(row.word in {SAME, BY_NAME} for row in self.rows)


SAME = gettext_noop("the same")
BY_NAME = gettext_noop("known by name; the network gives no count")
NEW_THERE = gettext_noop("new since our read")
CORRECTED = gettext_noop("the network corrected it")
HIDDEN = gettext_noop("hidden there now")
NOT_HELD = gettext_noop("the network says it, we hold none")
READ_SINCE = gettext_noop("read again since")
NEW_POST = gettext_noop("Written since our read.")
LEFT_OUT = gettext_noop("We hold nothing of it: it was left out, or is newer than our read.")
NOT_SHOWN = gettext_noop(
    "The network did not show it this time: hidden, deleted, or no longer public."
)


def compare(*, source: Source, check: LinkCheck) -> list[Compared]:
    """Return the newest posts, newest first: those the network showed and those it did not.

    Asks no network. A count that a network does not say stays None and differs from nothing unless
    we hold one.
    """
    shown = {str(row["id"]): row for row in check.posts}
    if not shown:
        return []
    times = {pk: datetime.fromisoformat(row["at"]) for pk, row in shown.items()}
    since = min(times.values())
    posts = source.posts.filter(created_at__gte=since).order_by("-created_at")[:200]
    held = {post.external_id: post for post in posts}
    ours = _held_counts(list(held.values()))
    found = [
        _of_shown(row, times[pk], held.get(pk), ours, source, check) for pk, row in shown.items()
    ]
    found += [
        Compared(pk, post.created_at, post.url, post, (), NOT_SHOWN)
        for pk, post in held.items()
        if pk not in shown and check.ended_at and post.created_at < check.ended_at
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _of_shown(
    row: Mapping[str, Any],
    at: datetime,
    post: Post | None,
    held: Mapping[int, Held],
    source: Source,
    check: LinkCheck,
) -> Compared:
    """Return what is to be said about a post that the network showed."""
    theirs = {Kind(kind): count for kind, count in row["counts"].items()}
    ours = held.get(post.pk, {}) if post else {}
    kinds = [kind for kind in Kind if kind in theirs or kind in ours]
    late = bool(check.ended_at and source.read_at and source.read_at > check.ended_at)
    rows = tuple(
        _row(kind, ours.get(kind), theirs.get(kind), late)
        for kind in kinds
        if kind in ours or theirs.get(kind) is not None
    )
    word = ""
    if post is None:
        new = source.read_at is not None and at > source.read_at
        word = NEW_POST if new else LEFT_OUT
    return Compared(str(row["id"]), at, str(row["url"]), post, rows, word)


def _row(kind: Kind, held: tuple[int, bool] | None, theirs: int | None, late: bool) -> Row:
    """Say in words how two counts differ; `late`: ours were read after theirs."""
    ours, counted = held or (None, False)
    if theirs is None:
        word = HIDDEN if counted else BY_NAME
    elif ours is None:
        word = NOT_HELD
    elif ours == theirs:
        word = SAME
    elif late:
        word = READ_SINCE
    else:
        word = NEW_THERE if theirs > ours else CORRECTED
    return Row(kind, ours, theirs, word)


def _held_counts(posts: Sequence[Post]) -> dict[int, Held]:
    """Return post -> kind -> how many we hold: by counts, or by name where none were given."""
    found: dict[int, Held] = defaultdict(dict)
    named = Interaction.objects.filter(post__in=posts).values_list("post", "kind")
    for post, kind, number in named.annotate(number=Count("pk")):
        if Kind(kind) is not Kind.MENTION:
            found[post][Kind(kind)] = (number, False)
    counted = Tally.objects.filter(post__in=posts).values_list("post", "kind")
    for post, kind, number in counted.annotate(number=Sum("delta")):
        found[post][Kind(kind)] = (number, True)
    return found
