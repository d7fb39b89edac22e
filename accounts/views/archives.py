"""Count the posts of a file: say what kind it is, read it, and delete it."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import archives, looked_at, uploads
from accounts.connectors.archives import (
    ArchiveRefused,
    Readable,
    csv_posts,
    csv_rows,
    recognise,
)
from accounts.connectors.archives.recognise import Table
from accounts.figures import whole
from accounts.linking import LinkingError
from accounts.speech import say
from accounts.views import file_words, person
from accounts.written import check

_LONGEST_SLUG = 150  # with the person's number before it, it must fit Source.external_id


class _TableForm(forms.Form):
    """What a person calls a table of their own. The same name later brings it up to date."""

    name = forms.CharField(max_length=60, required=False, validators=[check])

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError when it could not tell two tables apart."""
        name = str(self.cleaned_data["name"])
        if name and not _slug(name):
            raise forms.ValidationError(_("Use at least one letter or digit in the name."))
        return name


@require_http_methods(["GET", "POST"])
def archive_upload(request: HttpRequest) -> HttpResponse:
    """Explain each kind of file; look into one, or take it in, or say why not."""
    if request.method != "POST":
        return _page(request)
    upload = cast("TemporaryUploadedFile | None", request.FILES.get("file"))
    if uploads.too_large(request) or (upload and (upload.size or 0) > settings.ARCHIVE_MAX_BYTES):
        return _page(request, ArchiveRefused(_too_large()), status=413)
    if "forget" in request.POST:
        looked_at.forget(user=person(request))
        messages.success(request, _("The file is deleted. Nothing was counted."))
        return redirect("archive_upload")
    try:
        with _sent(request, upload) as sent:
            return _taken(request, sent, timezone.now())
    except ArchiveRefused as refused:
        return _page(request, refused, looked=_looked(request), status=400)
    except LinkingError as error:
        return _page(request, ArchiveRefused(str(error)), looked=_looked(request), status=400)


@require_GET
def archive_example(_request: HttpRequest) -> HttpResponse:
    """Give a small table of posts that the upload accepts as it is."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="posts-example.csv"'
    csv.writer(response).writerows(_example(timezone.now()))
    return response


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file to look into or to count, open: it came just now, or was looked into before."""

    file: Readable
    path: Path
    name: str

    @property
    def large(self) -> bool:
        """Whether a worker reads it, and not this request."""
        return self.path.stat().st_size > settings.ARCHIVE_AT_ONCE_BYTES


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the form that counts a file without sending it again carries."""

    mark: str
    filename: str
    needs_name: bool


@contextmanager
def _sent(request: HttpRequest, upload: TemporaryUploadedFile | None) -> Iterator[_Sent]:
    """Give the file that is meant. Raises ArchiveRefused for none, LinkingError for a gone one."""
    if "looked" in request.POST:
        path = looked_at.find(user=person(request), mark=request.POST["looked"])
        with path.open("rb") as file:
            yield _Sent(file, path, request.POST.get("filename", "")[:255])
        return
    if upload is None:
        raise ArchiveRefused(
            _("No file came with that. Choose a file, then press one of the buttons below it.")
        )
    with upload as file:
        yield _Sent(file, Path(upload.temporary_file_path()), upload.name or "")


def _taken(request: HttpRequest, sent: _Sent, now: datetime) -> HttpResponse:
    """Do with the file what was pressed. Raises ArchiveRefused and LinkingError."""
    user, table = person(request), _table(request)
    if "look" in request.POST:
        return _looked_into(request, sent, Table(table.name or "your table", "table"), now)
    if sent.large:
        kind = recognise.kind_of(sent.file, table=table)
        uploads.keep(user=user, path=sent.path, filename=sent.name, table=table, now=now)
        messages.success(
            request,
            _("%(file)s It is being read now, then it is deleted.")
            % {"file": file_words.named(kind)},
        )
        return redirect("first_scoring")
    content = recognise.read(sent.file, filename=sent.name, table=table, now=now)
    source = archives.add_archive(user=user, content=content, now=now)
    looked_at.forget(user=user)
    messages.success(
        request,
        _("%(read)s The file is deleted. %(proof)s")
        % {"read": file_words.read(content), "proof": file_words.proof(source)},
    )
    return redirect("first_scoring")


def _looked_into(request: HttpRequest, sent: _Sent, table: Table, now: datetime) -> HttpResponse:
    """Say what a file is and holds, and keep it for the press that counts it."""
    shown: tuple[str, ...] = ()
    kind = recognise.kind_of(sent.file, table=table)
    said = _("%(file)s It is large, so it is read in the background when you count it.") % {
        "file": file_words.named(kind)
    }
    if not sent.large:
        content = recognise.read(sent.file, filename=sent.name, table=table, now=now)
        said, shown = f"{file_words.named(kind)} {file_words.read(content)}", content.shown
    mark = looked_at.keep(user=person(request), path=sent.path)
    looked = _Looked(mark, sent.name, needs_name=kind == "csv")
    return _page(
        request, found=say("{read} Nothing was counted.", read=said), shown=shown, looked=looked
    )


def _looked(request: HttpRequest) -> _Looked | None:
    """Return the form to press again, when the file that it was about is still here."""
    mark = request.POST.get("looked", "")
    try:
        looked_at.find(user=person(request), mark=mark)
    except LinkingError:
        return None
    return _Looked(mark, request.POST.get("filename", "")[:255], "name" in request.POST)


def _table(request: HttpRequest) -> Table:
    """Return what the person calls a table of their own. Raises ArchiveRefused for no usable name.

    A file of another kind needs none.
    """
    form = _TableForm(request.POST)
    if not form.is_valid():
        raise ArchiveRefused(" ".join(str(error) for error in form.errors["name"]))
    name = form.cleaned_data["name"]
    return Table(name, _slug(name))


def _slug(name: str) -> str:
    """Return the short form that a table is known by, at most _LONGEST_SLUG characters.

    One character may become eighteen on the way, so what is too long ends in a digest of the whole.
    """
    slug = slugify(name, allow_unicode=True)
    if len(slug) <= _LONGEST_SLUG:
        return slug
    digest = hashlib.sha256(slug.encode()).hexdigest()[:32]
    return f"{slug[: _LONGEST_SLUG - 33]}-{digest}"


def _page(
    request: HttpRequest,
    refused: ArchiveRefused | None = None,
    *,
    found: str = "",
    shown: tuple[str, ...] = (),
    looked: _Looked | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "refused": refused,
        "found": found,
        "shown": shown,
        "looked": looked,
        "name": request.POST.get("name", "")[:60],
        "max_mb": settings.ARCHIVE_MAX_BYTES // 1024**2,
        "max_rows": csv_rows.MAX_ROWS,
        "example": _example(timezone.now()),
    }
    return render(request, "accounts/archive.html", context, status=status)


def _example(now: datetime) -> list[tuple[str, ...]]:
    """Return a header and three posts, one of them with counts that are not known."""
    days = [(now - timedelta(days=days)).strftime("%Y-%m-%d") for days in (12, 5, 2)]
    site = "https://blog.example/"
    return [
        csv_posts.COLUMNS,
        ("1", f"{days[0]} 08:30", "Our bakery opens at six", f"{site}six", "41", "6", "9", "1"),
        ("2", f"{days[1]}T17:05:00+01:00", "Rye, and why", f"{site}rye", "118", "", "22", ""),
        ("3", f"{days[2]} 12:00", "Closed on Monday", f"{site}monday", "7", "0", "0", "0"),
    ]


def _too_large() -> str:
    return _(
        "This file is larger than %(mb)s MB, which is the most we take. Nothing was changed. Make "
        "a zip of only the files that this page names: pictures and videos are what makes it large."
    ) % {"mb": whole(settings.ARCHIVE_MAX_BYTES // 1024**2)}
