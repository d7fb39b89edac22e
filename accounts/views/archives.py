"""Count the posts of a file: an archive of X, or a table of posts. The file is not kept."""

import csv
import hashlib
from datetime import datetime, timedelta
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from accounts import linking
from accounts.connectors.archives import ArchiveContent, ArchiveRefused, csv_posts, x_archive
from accounts.models import User
from accounts.uploads import too_large

_LEFT_OUT = {
    "reposts_of_others": "reposts of others",
    "repeated": "posts that stood in it twice",
    "older": "older posts, beyond the newest that we keep",
}

_LONGEST_SLUG = 150  # with the person's number before it, it must fit Source.external_id


class _TableForm(forms.Form):
    """What a person calls their table. The same name later brings the same table up to date."""

    name = forms.CharField(
        max_length=60,
        error_messages={"required": "Give the table a name, so that you know it on your links."},
    )

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError when it could not tell two tables apart."""
        name = str(self.cleaned_data["name"])
        if not _slug(name):
            raise forms.ValidationError("Use at least one letter or digit in the name.")
        return name


@require_http_methods(["GET", "POST"])
def archive_upload(request: HttpRequest) -> HttpResponse:
    """Explain both kinds of file; take one in, or say why not and change nothing."""
    if request.method != "POST":
        return _page(request)
    upload = request.FILES.get("file")
    if too_large(request) or (upload and (upload.size or 0) > settings.ARCHIVE_MAX_BYTES):
        return _page(request, ArchiveRefused(_too_large()), status=413)
    user, now = cast("User", request.user), timezone.now()
    try:
        content = _content(request, upload, now)
        linking.add_archive(user=user, content=content, now=now)
    except ArchiveRefused as refused:
        return _page(request, refused, status=400)
    except linking.LinkingError as error:
        return _page(request, ArchiveRefused(str(error)), status=400)
    messages.success(request, _received(content))
    return redirect("first_scoring")


@require_GET
def archive_example(_request: HttpRequest) -> HttpResponse:
    """Give a small table of posts that the upload accepts as it is."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="posts-example.csv"'
    csv.writer(response).writerows(_example(timezone.now()))
    return response


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


def _content(request: HttpRequest, upload: UploadedFile | None, now: datetime) -> ArchiveContent:
    """Read the upload as the kind that the form says, and delete it whatever comes of it.

    Raises ArchiveRefused when there is no file, no name for a table, or nothing that can count.
    """
    if upload is None:
        raise ArchiveRefused(
            "No file came with that. Choose a file, then press the button below it."
        )
    with upload as file:
        if request.POST.get("kind") != "csv":
            return x_archive.read(file, now=now)
        form = _TableForm(request.POST)
        if not form.is_valid():
            raise ArchiveRefused(" ".join(str(error) for error in form.errors["name"]))
        name = form.cleaned_data["name"]
        return csv_posts.read(file, name=name, slug=_slug(name), now=now)


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
    request: HttpRequest, refused: ArchiveRefused | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "refused": refused,
        "is_csv": request.POST.get("kind") == "csv",
        "name": request.POST.get("name", "")[:60],
        "max_mb": settings.ARCHIVE_MAX_BYTES // 1024**2,
        "max_rows": csv_posts.MAX_ROWS,
        "example": _example(timezone.now()),
    }
    return render(request, "accounts/archive.html", context, status=status)


def _too_large() -> str:
    return (
        f"This file is larger than {settings.ARCHIVE_MAX_BYTES // 1024**2:,} MB, which is the most "
        "we take. Nothing was changed. Make a zip of only the data/account.js and data/tweets.js "
        "files of your archive: pictures and videos are what makes it large."
    )


def _received(content: ArchiveContent) -> str:
    """Return what was read and what was left out, in a sentence or two."""
    reading = content.reading
    posts = f"{len(reading.posts):,} post{'s' * (len(reading.posts) != 1)}"
    since = f"{reading.since.day} {reading.since:%B %Y}"
    sentence = f"Read {posts} from {content.title}, from {since} on. The file is deleted."
    left = [f"{_LEFT_OUT[why]} ({count:,})" for why, count in reading.left_out.items()]
    return f"{sentence} Left out: {'; '.join(left)}." if left else sentence
