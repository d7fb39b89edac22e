"""Rows of perks: campaigns and their units, who claimed what, and what they said of it."""

from perks.models.campaigns import (
    Campaign,
    CampaignAct,
    CampaignPicture,
    Question,
    Unit,
)
from perks.models.claims import (
    OPEN,
    Answer,
    Claim,
    ClaimAccount,
    Entry,
    WaitingPlace,
)
from perks.models.returns import CampaignEvent, Feedback, NamedPost, Reminder, Told

__all__ = [
    "OPEN",
    "Answer",
    "Campaign",
    "CampaignAct",
    "CampaignEvent",
    "CampaignPicture",
    "Claim",
    "ClaimAccount",
    "Entry",
    "Feedback",
    "NamedPost",
    "Question",
    "Reminder",
    "Told",
    "Unit",
    "WaitingPlace",
]
