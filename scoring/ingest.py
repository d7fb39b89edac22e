"""From a Reading to rows: the only writer of Post, Tally, Interaction and Actor.

A Reading is whole or it is not here at all (the connector raised), so that absence means something:
a post that is not in it any more was taken down by the person.
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts import connectors
from accounts.connectors.base import Interaction as ReadInteraction
from accounts.connectors.base import Kind, Reading
from accounts.connectors.base import Post as ReadPost
from accounts.models import FRESH, Source
from accounts.speech import say
from scoring.models import Actor, Interaction, Post, Tally

CLOCK_SLACK = timedelta(seconds=60)  # another server's clock may be this much ahead of ours
OLDEST = datetime(2004, 1, 1, tzinfo=UTC)  # before that no network of ours existed
MOST = 10**12  # no count of anything on a network is larger
BATCH = 2_000  # rows a statement
# A reading in which this share of the posts held, or of what was counted, is missing is not
# believed at once.
IMPLAUSIBLE = 0.5
FEW = 5  # posts, or reactions: below that a share says nothing
LATE = timedelta(hours=14)  # nine in ten reactions have come within this time after the post


class ImplausibleDrop(Exception):
    """Most of what the network showed before is missing. Nothing was changed.

    `everything`: not one post is left. No time makes that believable: only the person can say so.
    """

    def __init__(self, said: str, *, everything: bool = False) -> None:
        super().__init__(said)
        self.everything = everything


@dataclass(slots=True)
class Ingested:
    """What a reading brought. `refused` counts items by the reason why they were not believed."""

    posts: int = 0
    reactions: int = 0  # known acts and counted ones that are new
    removed: int = 0  # posts taken down since
    refused: Counter[str] = field(default_factory=Counter)


def actor_key(network: str, actor_id: str) -> str:
    """Return the keyed hash under which somebody on a network is known here (64 hex digits)."""
    message = f"{network}\0{actor_id}".encode()
    return hmac.new(settings.ACTOR_KEY.encode(), message, hashlib.sha256).hexdigest()


@transaction.atomic
def ingest(
    *, source: Source, reading: Reading, now: datetime, believe_drop: bool = False
) -> Ingested:
    """Write what `reading` holds about `source`; repeating it changes nothing.

    Future dates, negative or absurd counts and broken ids are left out and counted in `refused`.
    Raises ImplausibleDrop when most posts or counted reactions vanished at once, unless
    `believe_drop`; and always when a network lists nothing any more. An archive is what its person
    says it is.
    """
    done = Ingested()
    posts = [post for post in _unique(reading.posts) if _believable_post(post, now, done.refused)]
    present = {post.external_id for post in posts}
    trusted = source.grant_id is None
    missing = _missing(source, reading, present, believe=believe_drop, trusted=trusted)
    _write_removal(missing, done)
    ids = _write_posts(source, posts)
    done.posts = len(posts)
    counts = _Counts(posts, ids, done.refused)
    if not (trusted or believe_drop):
        counts.check_plausible()
    done.reactions += counts.write(now, since=lambda post: _last_seen(source, post, now))
    own = _own_ids(source)
    acts = [
        act
        for act in reading.interactions
        if act.actor_id not in own and _believable_act(act, ids, now, done.refused)
    ]
    actors = _write_actors(source.network, acts)
    done.reactions += _write_interactions(source, acts, ids, actors)
    return done


def remember_member(*, user_id: int, source: Source) -> None:
    """Mark the actor that is this very account as the person it belongs to.

    People whose own score is known count by it in Network Impact, instead of by their followers.
    """
    keys = [actor_key(source.network, own) for own in _own_ids(source)]
    Actor.objects.filter(key__in=keys).exclude(member_id=user_id).update(member_id=user_id)


def _last_seen(source: Source, post: ReadPost, now: datetime) -> datetime:
    """Return from when on a count of the post can have grown: now, unless it was long unread.

    What a count grew by while nobody read came in between: nothing is new by an outage, nor where
    old posts are read once a week.
    """
    read, daily = source.read_at, connectors.daily(source.network)
    if read and daily and post.created_at < read - daily:
        read = source.deep_read_at
    return read if read and now - read > FRESH else now


def _own_ids(source: Source) -> set[str]:
    """Ids under which the person's own acts on this network may appear: they are no evidence."""
    own = {source.external_id}
    if source.grant_id is not None:
        siblings = Source.objects.filter(grant_id=source.grant_id)
        own |= set(siblings.values_list("external_id", flat=True))
        own.add(source.grant.account.uid)  # type: ignore[union-attr]
    if source.issuer:
        own |= {f"{one}@{source.issuer}" for one in own}
    return own


def _unique(posts: Iterable[ReadPost]) -> Iterator[ReadPost]:
    """Drop posts that a network listed twice (pages shift while they are read); the last wins."""
    return iter({post.external_id: post for post in posts}.values())


def _believable_id(text: str) -> bool:
    return 0 < len(text) <= 191 and text.isprintable()


def _believable_time(at: datetime, now: datetime, refused: Counter[str]) -> bool:
    if at > now + CLOCK_SLACK:
        refused["future"] += 1
        return False
    if at < OLDEST:
        refused["too_old"] += 1
        return False
    return True


def _believable_post(post: ReadPost, now: datetime, refused: Counter[str]) -> bool:
    if not _believable_id(post.external_id):
        refused["bad_id"] += 1
        return False
    return _believable_time(post.created_at, now, refused)


def _believable_act(
    act: ReadInteraction, ids: dict[str, int], now: datetime, refused: Counter[str]
) -> bool:
    if not _believable_id(act.actor_id) or len(act.external_id) > 191:
        refused["bad_id"] += 1
        return False
    if act.post_id and act.post_id not in ids:
        refused["unknown_post"] += 1
        return False
    return _believable_time(act.at, now, refused)


def _missing(
    source: Source, reading: Reading, present: set[str], *, believe: bool, trusted: bool
) -> list[int]:
    """Return the posts that a complete reading no longer shows, if that can be believed."""
    held = dict(
        Post.objects.filter(source=source, created_at__gte=reading.since).values_list(
            "external_id", "pk"
        )
    )
    missing = [pk for external_id, pk in held.items() if external_id not in present]
    everything = bool(missing) and len(missing) == len(held) and not present
    if everything and not trusted:
        said = say(
            "The network suddenly leaves out all {n} posts that it showed before. We keep what we "
            "have and read again. If you took them down yourself, unlink this and link it again.",
            n=len(held),
        )
        raise ImplausibleDrop(said, everything=True)
    if len(held) >= FEW and len(missing) >= IMPLAUSIBLE * len(held) and not (believe or trusted):
        said = say(
            "The network suddenly leaves out {n} of {of} posts that it showed before. We keep what "
            "we have and read again.",
            n=len(missing),
            of=len(held),
        )
        raise ImplausibleDrop(said)
    return missing


def _write_removal(missing: list[int], done: Ingested) -> None:
    for batch in _batches(missing):
        Post.objects.filter(pk__in=batch).delete()
    done.removed = len(missing)


def _batches(items: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _clean(text: str, limit: int) -> str:
    """Return text that every database takes: no NUL, no lone surrogates, at most `limit` long."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")[:limit]


def _write_posts(source: Source, posts: list[ReadPost]) -> dict[str, int]:
    """Insert or refresh posts; return external id -> primary key for all of them.

    What a post is about is looked at anew when it says something else now.
    """
    texts = {post.external_id: _clean(post.text, 280) for post in posts}
    oldest = min((post.created_at for post in posts), default=OLDEST)
    held = Post.objects.filter(source=source, created_at__gte=oldest).exclude(topics_by="")
    rows = held.values_list("pk", "external_id", "excerpt")
    changed = [pk for pk, one, text in rows if texts.get(one, text) != text]
    Post.objects.bulk_create(
        [
            Post(
                source=source,
                external_id=post.external_id,
                created_at=post.created_at,
                kind=post.kind[:10],
                excerpt=texts[post.external_id],
                url=_clean(post.url, 500) if post.url.startswith(("https://", "http://")) else "",
                language=_clean(post.language, 12),
                visibility=_clean(post.visibility, 12),
            )
            for post in posts
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=["excerpt", "url", "language", "visibility"],
    )
    for batch in _batches(changed):
        Post.objects.filter(pk__in=batch).update(topics_by="")
    known = dict(Post.objects.filter(source=source).values_list("external_id", "pk"))
    return {post.external_id: known[post.external_id] for post in posts}


class _Counts:
    """The counts of a reading beside those held: what moved since, and from when it counts."""

    def __init__(self, posts: list[ReadPost], ids: dict[str, int], refused: Counter[str]) -> None:
        self.held = _held_counts(ids)
        self.read: list[tuple[ReadPost, int, str, int]] = []  # post, its key, kind, count
        for post in posts:
            for kind, count in post.counts.items():
                if count is None:
                    continue
                if 0 <= count <= MOST:
                    self.read.append((post, ids[post.external_id], Kind(kind).value, count))
                else:
                    refused["bad_count"] += 1

    def check_plausible(self) -> None:
        """Raise ImplausibleDrop when most of what was counted is gone at once."""
        before = sum(self.held.get((pk, kind), 0) for _, pk, kind, _ in self.read)
        now = sum(count for _, pk, kind, count in self.read if (pk, kind) in self.held)
        if before - now >= max(FEW, IMPLAUSIBLE * before):
            said = say(
                "The network suddenly leaves out {n} of {of} reactions that it showed before. We "
                "keep what we have and read again.",
                n=before - now,
                of=before,
            )
            raise ImplausibleDrop(said)

    def write(self, now: datetime, *, since: Callable[[ReadPost], datetime]) -> int:
        """Store how much each count moved since the last reading; return how much they grew.

        `since` says from when on that can have been, for each post.
        """
        rows, grown = [], 0
        taken = _taken_back({pk for _, pk, _, _ in self.read})
        for post, pk, kind, count in self.read:
            before = self.held.get((pk, kind))
            if before is None:
                delta, at = count, post.created_at
            elif count > before:
                delta = _give_back(taken.get((pk, kind), []), count - before)
                at = max(since(post), min(now, post.created_at + LATE))
            else:
                delta, at = count - before, now
            grown += max(count - (before or 0), 0)
            if before is None or delta:
                rows.append(Tally(post_id=pk, kind=kind, at=at, seen_at=now, delta=delta))
        Tally.objects.bulk_create(rows, batch_size=BATCH)
        return grown


def _taken_back(posts: set[int]) -> dict[tuple[int, str], list[Tally]]:
    """Return the negative increments of `posts` by (post, kind), newest first."""
    found: dict[tuple[int, str], list[Tally]] = {}
    for batch in _batches(sorted(posts)):
        for row in Tally.objects.filter(post_id__in=batch, delta__lt=0).order_by("-seen_at"):
            found.setdefault((row.post_id, row.kind), []).append(row)
    return found


def _give_back(rows: list[Tally], grown: int) -> int:
    """Undo negative increments by what came back, and return what is new beyond that.

    A count that dips and returns has gained nothing, and keeps the age it had.
    """
    for row in rows:
        if not grown:
            break
        back = min(grown, -row.delta)
        row.delta += back
        grown -= back
        if row.delta:
            row.save(update_fields=["delta"])
        else:
            row.delete()
    return grown


def _held_counts(ids: dict[str, int]) -> dict[tuple[int, str], int]:
    """Return (post, kind) -> the network's count as we last saw it."""
    held: dict[tuple[int, str], int] = {}
    for batch in _batches(sorted(ids.values())):
        rows = (
            Tally.objects.filter(post_id__in=batch)
            .values_list("post_id", "kind")
            .annotate(total=Sum("delta"))
            .order_by()
        )
        held.update({(post, kind): total for post, kind, total in rows})
    return held


def _write_actors(network: str, acts: list[ReadInteraction]) -> dict[str, int]:
    """Insert or refresh the people who acted; return actor id -> primary key.

    "Not told" never overwrites an audience that was told before.
    """
    # By what is told of them: (audience, beginning).
    told: dict[tuple[bool, bool], dict[str, Actor]] = defaultdict(dict)
    keys: dict[str, str] = {}
    for act in acts:
        key = keys.setdefault(act.actor_id, actor_key(network, act.actor_id))
        followers = act.actor_followers
        if followers is not None and not 0 <= followers <= MOST:
            followers = None
        actor = Actor(key=key, network=network, followers=followers, since=act.actor_since)
        told[followers is not None, act.actor_since is not None][key] = actor
    for (audience, beginning), actors in told.items():
        fields = ["followers"] * audience + ["since"] * beginning
        # In the order of keys, so that two workers that write the same people never wait in a ring.
        Actor.objects.bulk_create(
            [actors[key] for key in sorted(actors)],
            batch_size=BATCH,
            ignore_conflicts=not fields,
            update_conflicts=bool(fields),
            unique_fields=["key"] if fields else None,
            update_fields=fields or None,
        )
    found: dict[str, int] = {}
    wanted = sorted(set(keys.values()))
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        found.update(Actor.objects.filter(key__in=batch).values_list("key", "pk"))
    return {actor_id: found[key] for actor_id, key in keys.items()}


def _write_interactions(
    source: Source, acts: list[ReadInteraction], ids: dict[str, int], actors: dict[str, int]
) -> int:
    """Insert what is new; return how many rows that were."""
    before = Interaction.objects.filter(source=source).count()
    Interaction.objects.bulk_create(
        [
            Interaction(
                source=source,
                post_id=ids[act.post_id] if act.post_id else None,
                actor_id=actors[act.actor_id],
                kind=Kind(act.kind).value,
                external_id=act.external_id or act.post_id,
                at=act.at,
            )
            for act in acts
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    return Interaction.objects.filter(source=source).count() - before
