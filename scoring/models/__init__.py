"""Rows of scoring: evidence, scores, jobs."""

from scoring.models.evidence import Actor, Interaction, Post, Tally
from scoring.models.job import Heartbeat, Job
from scoring.models.score import LedgerDay, LedgerLine, LedgerPost, ScoreSnapshot, ScoreState

__all__ = [
    "Actor",
    "Heartbeat",
    "Interaction",
    "Job",
    "LedgerDay",
    "LedgerLine",
    "LedgerPost",
    "Post",
    "ScoreSnapshot",
    "ScoreState",
    "Tally",
]
