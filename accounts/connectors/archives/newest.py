"""Keep the newest posts of a file of any length, in bounded memory."""

import heapq
from collections import Counter
from datetime import datetime

from accounts.connectors.base import Post, Reading

# Only 90 days count: that is 200 posts a day. Taking in more keeps a page waiting for nothing.
KEEP = 20_000


class NewestPosts:
    """Collects posts in any order; holds at most `keep` of them, the newest."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._heap: list[tuple[datetime, str, Post]] = []
        self._ids: set[str] = set()
        self.left_out: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, post: Post) -> None:
        """Take `post` in. A post whose id is held already is left out as "repeated"."""
        if post.external_id in self._ids:
            self.left_out["repeated"] += 1
            return
        # Ids are unique among the held, so two entries never compare by their post.
        entry = (post.created_at, post.external_id, post)
        self._ids.add(post.external_id)
        if len(self._heap) < self._keep:
            heapq.heappush(self._heap, entry)
            return
        _, dropped, _ = heapq.heappushpop(self._heap, entry)
        self._ids.discard(dropped)
        self.left_out["older"] += 1

    def reading(self) -> Reading:
        """Return what was held, oldest first; whole from the oldest post on.

        Raises IndexError when nothing was held.
        """
        posts = tuple(post for _, _, post in sorted(self._heap, key=lambda entry: entry[:2]))
        return Reading(since=posts[0].created_at, posts=posts, left_out=dict(self.left_out))
