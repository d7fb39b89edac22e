"""Rows of people, of what they link, and of the made-up network."""

from accounts.models.breakers import Breaker
from accounts.models.checks import LinkCheck
from accounts.models.given import GivenFacts
from accounts.models.links import (
    FADE,
    FRESH,
    HOLD,
    UNPROVEN,
    Grant,
    Source,
    SourceQuerySet,
    SyncRun,
)
from accounts.models.notices import KEY, Mailing, Notice, NoticeChoice, RefusedAddress
from accounts.models.pauses import NetworkPause
from accounts.models.people import User
from accounts.models.profiles import BIO, HANDLE, Audience, Block, Handle, Profile
from accounts.models.sandbox import SandboxFault, SandboxToken
from accounts.models.spending import WHOLE_DAY, NetworkSpend
from accounts.models.support import Case, CaseMessage, Letter
from accounts.models.tokens import TOKEN_NAME, ApiToken, ScoreAsked
from accounts.models.uploads import Upload

__all__ = [
    "BIO",
    "FADE",
    "FRESH",
    "HANDLE",
    "HOLD",
    "KEY",
    "TOKEN_NAME",
    "UNPROVEN",
    "WHOLE_DAY",
    "ApiToken",
    "Audience",
    "Block",
    "Breaker",
    "Case",
    "CaseMessage",
    "GivenFacts",
    "Grant",
    "Handle",
    "Letter",
    "LinkCheck",
    "Mailing",
    "NetworkPause",
    "NetworkSpend",
    "Notice",
    "NoticeChoice",
    "Profile",
    "RefusedAddress",
    "SandboxFault",
    "SandboxToken",
    "ScoreAsked",
    "Source",
    "SourceQuerySet",
    "SyncRun",
    "Upload",
    "User",
]
