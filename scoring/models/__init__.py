"""Rows of scoring: evidence, scores, topics, jobs."""

from scoring.models.api import REQUEST_KEY, GivenOnce
from scoring.models.badges import (
    BadgeAward,
    BadgeChoice,
    BadgeHere,
    BadgeStanding,
    Style,
)
from scoring.models.evidence import Actor, Interaction, Post, Tally
from scoring.models.job import Heartbeat, Job
from scoring.models.moments import MomentRemoved
from scoring.models.plusk import (
    PlusK,
    PlusKAct,
    PlusKCase,
    PlusKChain,
    PlusKMember,
    PlusKRuling,
    PlusKTotal,
    PlusKWeight,
    PlusKWords,
)
from scoring.models.score import LedgerDay, LedgerLine, LedgerPost, ScoreSnapshot, ScoreState
from scoring.models.topics import (
    PostTopic,
    TopicChoice,
    TopicDoubt,
    TopicHere,
    TopicScore,
)

__all__ = [
    "REQUEST_KEY",
    "Actor",
    "BadgeAward",
    "BadgeChoice",
    "BadgeHere",
    "BadgeStanding",
    "GivenOnce",
    "Heartbeat",
    "Interaction",
    "Job",
    "LedgerDay",
    "LedgerLine",
    "LedgerPost",
    "MomentRemoved",
    "PlusK",
    "PlusKAct",
    "PlusKCase",
    "PlusKChain",
    "PlusKMember",
    "PlusKRuling",
    "PlusKTotal",
    "PlusKWeight",
    "PlusKWords",
    "Post",
    "PostTopic",
    "ScoreSnapshot",
    "ScoreState",
    "Style",
    "Tally",
    "TopicChoice",
    "TopicDoubt",
    "TopicHere",
    "TopicScore",
]
