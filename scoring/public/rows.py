"""A person as a stranger sees them, in one query. The rule is accounts.visibility's, as everywhere.

Plain SQL, since building a query with joins costs more than all the rest of an answer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.handles import REDIRECTS, spelled
from accounts.models import Handle, Profile, User
from accounts.visibility import STRANGER, Visible, shown
from scoring.models import ScoreSnapshot

DAYS = 90  # of a chart
KEPT = 4_096  # people of whom each process remembers what their rows mean, and what was drawn
Points = tuple[tuple[date, float | None], ...]

_HANDLES, _PROFILES, _USERS, _SNAPSHOTS = (
    model._meta.db_table for model in (Handle, Profile, User, ScoreSnapshot)
)
# The newest snapshot as the profile takes it. Table names are ours, values are parameters.
_COLUMNS = f"""
    SELECT {{left}}, u.id, u.is_active, u.display_name, p.page, p.score, p.history, p.indexed,
           {{now}}, s.score, s.low, s.high, s.day, s.as_of, s.model
    FROM {_USERS} u
    JOIN {_PROFILES} p ON p.user_id = u.id
    {{join}}
    LEFT JOIN {_SNAPSHOTS} s ON s.id = (
        SELECT id FROM {_SNAPSHOTS} t WHERE t.user_id = u.id
        ORDER BY t.day DESC, t.as_of DESC LIMIT 1
    )
    WHERE {{where}}
"""  # noqa: S608
_NOW = f"(SELECT name FROM {_HANDLES} c WHERE c.user_id = u.id AND c.left_at IS NULL)"  # noqa: S608
_BY_HANDLE = _COLUMNS.format(
    left="h.left_at",
    now=f"CASE WHEN h.left_at IS NULL THEN h.name ELSE {_NOW} END",
    join=f"JOIN {_HANDLES} h ON h.user_id = u.id",
    where="h.name = %s",
)
_BY_SECRET = _COLUMNS.format(left="NULL", now=_NOW, join="", where="p.secret = %s")
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
    left = _time(row[0])
    if left is not None and now - left > REDIRECTS:
        return None
    return _seen_by_all(row[1:])


def by_secret(secret: str) -> Face | None:
    """Return who made this address: whoever knows it may see name, score and how it went.

    None where nobody did, or they have left.
    """
    row = _first(_BY_SECRET, secret) if secret else None
    return None if row is None else _seen_by_secret(row[1:])


def course(face: Face) -> Points:
    """Return the scores of the 90 days up to the newest, oldest first; days without one lack."""
    if face.day is None:
        return ()
    start = face.day - timedelta(days=DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute(_COURSE, [face.user_id, face.model, start, face.day])
        return tuple((_date(day), score) for day, score in cursor.fetchall())


def _first(query: str, value: str) -> Any:
    """Return the first row there is for a value, or None.

    SQLite is asked directly, unless somebody listens to what Django asks: Django's cursor searches
    the SQL for its marks each time, which with what it wraps around takes a third of an answer.
    """
    known = connections[DEFAULT_DB_ALIAS]
    if known.vendor != "sqlite" or known.force_debug_cursor or known.execute_wrappers:
        with known.cursor() as cursor:
            cursor.execute(query, [value])
            return cursor.fetchone()
    known.ensure_connection()
    with known.wrap_database_errors:
        return known.connection.execute(_marked(query), (value,)).fetchone()


@cache
def _marked(query: str) -> str:
    """Return a query with SQLite's own marks for values."""
    return query.replace("%s", "?")


@lru_cache(KEPT)
def _seen_by_all(row: tuple[Any, ...]) -> Face | None:
    """Return what everybody sees of a row: the same for the same row, which is read each time."""
    visible = _open(row[1], *row[3:7])
    return _face(row, visible, row[7] or "") if visible.score else None


@lru_cache(KEPT)
def _seen_by_secret(row: tuple[Any, ...]) -> Face | None:
    """Return what is seen of a row by whoever knows its secret address."""
    if not row[1]:
        return None
    open_page = _open(row[1], *row[3:7]).page
    visible = Visible(page=open_page, score=True, history=True)
    return _face(row, visible, (row[7] or "") if open_page else "")


@cache
def _open(is_active: bool, page: str, score: str, history: str, indexed: bool) -> Visible:
    """Return what a stranger sees of such a profile; there are few kinds of them."""
    profile = Profile(
        user=User(is_active=is_active), page=page, score=score, history=history, indexed=indexed
    )
    return shown(profile, STRANGER)


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
