"""Rows of scoring: evidence, scores, topics, jobs."""

from scoring.models.evidence import Actor, Interaction, Post, Tally
from scoring.models.job import Heartbeat, Job
from scoring.models.plusk import (
    PlusK,
    PlusKAct,
    PlusKMember,
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
    "Actor",
    "Heartbeat",
    "Interaction",
    "Job",
    "LedgerDay",
    "LedgerLine",
    "LedgerPost",
    "PlusK",
    "PlusKAct",
    "PlusKMember",
    "PlusKTotal",
    "PlusKWeight",
    "PlusKWords",
    "Post",
    "PostTopic",
    "ScoreSnapshot",
    "ScoreState",
    "Tally",
    "TopicChoice",
    "TopicDoubt",
    "TopicHere",
    "TopicScore",
]
