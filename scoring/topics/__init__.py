"""What people are known for here: from posts to topics, what they say about these, and who sees it.

`assigning` and `rescoring` write PostTopic and TopicScore, `places` ranks once a night, `control`
keeps what a person chose; `reading` and `pages` are what pages are made of.
"""

from scoring.topics.assigning import assign_new
from scoring.topics.control import (
    TopicError,
    add,
    doubt,
    hide,
    let_go,
    move,
    restore,
    set_kind,
)
from scoring.topics.pages import Moving, Named, Page, page_of
from scoring.topics.places import rank
from scoring.topics.reading import (
    EXPORTED,
    Glance,
    Ground,
    Grounds,
    Left,
    Nearly,
    Shown,
    all_shown_to_others,
    evidence_of,
    exported,
    glance,
    hidden,
    nearly,
    of_person,
    shown_to_others,
)
from scoring.topics.rescoring import rescore

__all__ = [
    "EXPORTED",
    "Glance",
    "Ground",
    "Grounds",
    "Left",
    "Moving",
    "Named",
    "Nearly",
    "Page",
    "Shown",
    "TopicError",
    "add",
    "all_shown_to_others",
    "assign_new",
    "doubt",
    "evidence_of",
    "exported",
    "glance",
    "hidden",
    "hide",
    "let_go",
    "move",
    "nearly",
    "of_person",
    "page_of",
    "rank",
    "rescore",
    "restore",
    "set_kind",
    "shown_to_others",
]
