"""Files are taken at a few addresses only, from people who are signed in, up to a size.

What is small is read while the person waits and never stored. What is large waits as a file of its
own for a job, and is deleted when that ends, however it ends; `sweep` deletes what a crash left,
and what somebody only looked into (accounts.looked_at).
"""

import shutil
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.connectors.archives.recognise import Table
from accounts.connectors.shapes import one_line
from accounts.linking import LinkingError
from accounts.models import Upload, User
from accounts.signals import upload_waits
from accounts.speech import say

LEFT_OVER = timedelta(hours=1)  # without a job since then, a file belongs to nobody
_FORM = 64 * 1024  # what a request holds beside the file
_SAY_EVERY = 2.0  # seconds


def too_large(request: HttpRequest) -> bool:
    """Tell whether the request is longer than the largest file that its page takes."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) > _most(request) + _FORM


def _most(request: HttpRequest) -> int:
    """Return how many bytes a file for this page may have; 0 where none is due."""
    match = request.resolver_match
    most: dict[str, int] = settings.FILES_TAKEN | {"archive_upload": settings.ARCHIVE_MAX_BYTES}
    return most.get((match and match.url_name) or "", 0)


class ArchiveUploadHandler(TemporaryFileUploadHandler):
    """Writes what a page takes to a temporary file and any other upload nowhere.

    Django reads every form before the view is asked, so a cap in the view alone would let anybody
    fill the disk from any page.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. Raises SkipFile, so that its bytes are read past, where none is due."""
        request = self.request
        assert request is not None
        due = _most(request) and not too_large(request)
        if not due or not request.user.is_authenticated:
            raise SkipFile
        super().new_file(*args, **kwargs)


def keep(*, user: User, path: Path, filename: str, table: Table, now: datetime) -> Upload:
    """Let the file at `path`, which moves, wait for the job that reads it and is told of it.

    Raises LinkingError when another file of the person waits.
    """
    upload = Upload(
        user=user,
        filename=one_line(filename, 255),
        table_name=table.name,
        table_slug=table.slug,
        size=path.stat().st_size,
        received_at=now,
    )
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
            shutil.move(path, upload.path)
            upload_waits.send(Upload, upload_id=str(upload.pk), user_id=user.pk)
    except IntegrityError as error:
        raise LinkingError(
            say(
                "Another file of yours is still being read. Nothing was changed. Wait "
                "until that is done, then upload this one."
            )
        ) from error
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    return upload


def sweep(*, wanted: Collection[str], now: datetime) -> int:
    """Delete uploads that no job of `wanted` (ids) is about, and files without a row.

    Both only after LEFT_OVER, since a file is there before its row and job are. Returns how many.
    """
    before = now - LEFT_OVER
    lost = Upload.objects.filter(received_at__lt=before).exclude(pk__in=wanted)
    gone = 0
    for upload in lost:
        upload.delete()
        gone += 1
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in Path(settings.UPLOADS_DIR).iterdir():
        if path.name not in known and _modified(path) < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _modified(path: Path) -> float:
    """Return when a file was last written, in seconds since 1970; now, when it just went."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


class Watched:
    """A file that says from time to time how much of it was read: a long read shows life."""

    def __init__(self, file: BinaryIO, size: int, say: Callable[[str], None]) -> None:
        self._file, self._size, self._say = file, size, say
        self._read = 0
        self._said = time.monotonic()

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        return self._counted(self._file.read(size))

    def readline(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes of the current line, b"" at the end."""
        return self._counted(self._file.readline(size))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to `offset`."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        if time.monotonic() - self._said >= _SAY_EVERY:
            self._said = time.monotonic()
            done, whole = (number // 1024**2 for number in (self._read, self._size))
            self._say(say("Reading your file: {n} of {whole} MB", n=min(done, whole), whole=whole))
        return data
