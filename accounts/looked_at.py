"""A file that a person only looked into: kept for a short while, so that it need not be sent again.

One a person, in settings.UPLOADS_DIR and without a row: `uploads.sweep` deletes what has lain there
for an hour. The mark tells whether it is still the file that the page spoke of.
"""

import shutil
from pathlib import Path

from django.conf import settings

from accounts.linking import LinkingError
from accounts.models import User
from accounts.speech import say


def keep(*, user: User, path: Path) -> str:
    """Move the file at `path` aside, in the place of an earlier one; return its mark."""
    aside = _place(user)
    shutil.move(path, aside)
    return _mark(aside)


def find(*, user: User, mark: str) -> Path:
    """Return where the file with this mark is. Raises LinkingError when it is gone or another."""
    aside = _place(user)
    try:
        same = _mark(aside) == mark
    except FileNotFoundError:
        same = False
    if not same:
        raise LinkingError(
            say(
                "The file you looked into is no longer here: it was counted, another one "
                "came after it, or an hour is over. Nothing was changed. Choose the file "
                "once more."
            )
        )
    return aside


def forget(*, user: User) -> None:
    """Delete the file that a person looked into, if there is one."""
    _place(user).unlink(missing_ok=True)


def _place(user: User) -> Path:
    return Path(settings.UPLOADS_DIR) / f"looked-at-{user.pk}"


def _mark(path: Path) -> str:
    facts = path.stat()
    return f"{facts.st_mtime_ns}-{facts.st_size}"
