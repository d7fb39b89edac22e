"""What people are known for, as they tell everyone."""

from collections.abc import Collection

from scoring import topics
from scoring.engine.topics.taxonomy import Topic, taxonomy
from scoring.klout.people import Person

SHOWN = 5


def known_for(people: Collection[Person]) -> dict[int, list[Topic]]:
    """Return, by user, the first topics of those who show theirs. Two queries at most."""
    shows = {one.user_id: one.visible for one in people if one.visible.topics}
    known = taxonomy().topics
    return {
        user_id: [known[one.slug] for one in shown[:SHOWN]]
        for user_id, shown in topics.all_shown_to_others(shows).items()
    }
