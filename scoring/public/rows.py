"""A person as a stranger sees them, in one query. The rule is accounts.visibility's, as everywhere.

Plain SQL, since building a query with joins costs more than all the rest of an answer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.handles import REDIRECTS, spelled
from accounts.models import Handle, Profile, User
from accounts.visibility import STRANGER, Visible, shown
from scoring.models import ScoreSnapshot

DAYS = 90  # of a chart

_HANDLES, _PROFILES, _USERS, _SNAPSHOTS = (
    model._meta.db_table for model in (Handle, Profile, User, ScoreSnapshot)
)
# The newest snapshot as the profile takes it. Table names are ours, values are parameters.
_COLUMNS = f"""
    SELECT u.id, u.is_active, u.display_name, p.page, p.score, p.history, p.indexed,
           (SELECT name FROM {_HANDLES} c WHERE c.user_id = u.id AND c.left_at IS NULL),
           s.score, s.low, s.high, s.day, s.as_of, s.model, {{left}}
    FROM {_USERS} u
    JOIN {_PROFILES} p ON p.user_id = u.id
    {{join}}
    LEFT JOIN {_SNAPSHOTS} s ON s.id = (
        SELECT id FROM {_SNAPSHOTS} t WHERE t.user_id = u.id
        ORDER BY t.day DESC, t.as_of DESC LIMIT 1
    )
    WHERE {{where}}
"""  # noqa: S608
_BY_HANDLE = _COLUMNS.format(
    left="h.left_at", join=f"JOIN {_HANDLES} h ON h.user_id = u.id", where="h.name = %s"
)
_BY_SECRET = _COLUMNS.format(left="NULL", join="", where="p.secret = %s")
_COURSE = f"""
    SELECT day, score FROM {_SNAPSHOTS}
    WHERE user_id = %s AND model = %s AND day >= %s AND day <= %s ORDER BY day
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Face:
    """What may be shown. score: 1 to 100; None while there is not enough to count.

    handle: "" where a secret address is answered for somebody whose page a stranger cannot open.
    low, high: the ends of what the score may be. day: UTC.
    """

    user_id: int
    name: str
    handle: str
    visible: Visible
    score: float | None
    low: float | None
    high: float | None
    day: date | None
    as_of: datetime | None
    model: str


def by_handle(text: str, *, now: datetime) -> Face | None:
    """Return who has a handle and lets everyone see their score; None for everybody else.

    An old handle leads to its person for as long as their page's does.
    """
    row = _first(_BY_HANDLE, spelled(text))
    if row is None:
        return None
    left = _time(row[-1])
    if left is not None and now - left > REDIRECTS:
        return None
    visible = shown(_profile(row), STRANGER)
    return _face(row, visible, row[7] or "") if visible.score else None


def by_secret(secret: str) -> Face | None:
    """Return who made this address: whoever knows it may see the score, and nothing else."""
    row = _first(_BY_SECRET, secret) if secret else None
    if row is None or not row[1]:
        return None
    open_page = shown(_profile(row), STRANGER).page
    visible = Visible(page=open_page, score=True, history=True)
    return _face(row, visible, (row[7] or "") if open_page else "")


def course(face: Face) -> list[tuple[date, float | None]]:
    """Return the scores of the 90 days up to the newest, oldest first; days without one lack."""
    if face.day is None:
        return []
    start = face.day - timedelta(days=DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute(_COURSE, [face.user_id, face.model, start, face.day])
        return [(_date(day), score) for day, score in cursor.fetchall()]


def _first(query: str, value: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, [value])
        return cursor.fetchone()


def _profile(row: Any) -> Profile:
    """Return the rows of a person as accounts.visibility asks for them; they are not saved."""
    user = User(pk=row[0], is_active=row[1])
    return Profile(user=user, page=row[3], score=row[4], history=row[5], indexed=row[6])


def _face(row: Any, visible: Visible, handle: str) -> Face:
    return Face(
        user_id=row[0],
        name=(row[2] or "").strip() or (f"@{handle}" if handle else ""),
        handle=handle,
        visible=visible,
        score=row[8],
        low=row[9],
        high=row[10],
        day=_date(row[11]) if row[11] is not None else None,
        as_of=_time(row[12]),
        model=row[13] or "",
    )


def _date(value: Any) -> date:
    """Return a day as both databases give it: SQLite as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _time(value: Any) -> datetime | None:
    """Return a time as both databases give it: SQLite as text without its zone, which is UTC."""
    if value is None:
        return None
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read
