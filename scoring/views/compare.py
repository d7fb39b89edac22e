"""Compare with the network: what we hold of the newest posts, beside what it gave when asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import linking, operating
from accounts.figures import moment
from accounts.views import own_source
from accounts.views.paging import page_of
from scoring import comparing

POSTS_A_PAGE = 10


@require_GET
def link_compare(request: HttpRequest, source_id: int) -> HttpResponse:
    """Show the newest posts with both counts, and how they differ, in words."""
    source, now = own_source(request, source_id), timezone.now()
    check = source.checks.exclude(ended_at=None).exclude(posts=[]).order_by("-asked_at").first()
    posts = comparing.compare(source=source, check=check) if check else []
    page = page_of(posts, POSTS_A_PAGE, request.GET.get("page"))
    context = {
        "source": source,
        "network": linking.name_of(source.network),
        "asked_at": moment(check.ended_at, now) if check else "",
        "read_at": moment(source.read_at, now),
        "page": page,
        "halted": source.network in operating.paused(),
        "posts": [(moment(each.at, now), each) for each in page.rows],
        "agree": sum(each.agrees for each in posts),
        "number": len(posts),
    }
    return render(request, "scoring/compare.html", context)
