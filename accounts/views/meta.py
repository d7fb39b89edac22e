"""What Meta asks of every app: to hear of people who remove it, and to forget them when they ask.

One address for each of its three networks, since each signs with a secret of its own.
Source: developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts import connectors, linking, withdrawing
from accounts.connectors.signed_request import Forged, Signed, opened
from accounts.speech import say

# The first letter of a code is that of its network.
NETWORKS = {"f": "facebook", "i": "instagram", "t": "threads"}
_SIGNED = 20  # hexadecimal digits of a code that prove it


@csrf_exempt  # Meta's servers post; the signature is the proof
@login_not_required
@require_POST
def deletion(request: HttpRequest, network: str) -> HttpResponse:
    """Forget what was read through somebody's account, and say where that can be looked up."""
    now = timezone.now()
    signed = _signed(request, network, now)
    if signed is None:
        return _not_meta()
    withdrawing.forget(network=network, user_id=signed.user_id, asked_at=signed.issued_at)
    code = code_of(network, now)
    url = f"{settings.SITE_URL}{reverse('meta_deletion_status', args=[code])}"
    return JsonResponse({"url": url, "confirmation_code": code})


@csrf_exempt  # Meta's servers post; the signature is the proof
@login_not_required
@require_POST
def deauthorise(request: HttpRequest, network: str) -> HttpResponse:
    """Hear that somebody removed this site at the network: their links need them from now on."""
    now = timezone.now()
    signed = _signed(request, network, now)
    if signed is None:
        return _not_meta()
    withdrawing.withdraw(network=network, user_id=signed.user_id, told_at=signed.issued_at, now=now)
    return JsonResponse({})


@login_not_required
@require_GET
def deletion_status(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a request to forget. The code proves that it was made and names nobody."""
    network, at = _read(code)
    context = {"network": linking.name_of(network), "at": at, "code": code}
    return render(request, "accounts/deletion.html", context)


def code_of(network: str, now: datetime) -> str:
    """Return the code of a request that was carried out now: letters and digits, as Meta wants."""
    letter = next(letter for letter, name in NETWORKS.items() if name == network)
    said = f"{letter}{int(now.timestamp()):08x}"
    return said + _proof(said)


def _read(code: str) -> tuple[str, datetime]:
    """Return network and time of a code. Raises Http404 for one that is not ours."""
    said, shown = code[:-_SIGNED], code[-_SIGNED:]
    if len(said) < 2 or not constant_time_compare(_proof(said), shown):
        raise Http404("not a code of ours")
    return NETWORKS[said[0]], datetime.fromtimestamp(int(said[1:], 16), UTC)


def _proof(said: str) -> str:
    return salted_hmac("meta.deletion", said, algorithm="sha256").hexdigest()[:_SIGNED]


def _signed(request: HttpRequest, network: str, now: datetime) -> Signed | None:
    """Return what the request says, or None when Meta did not sign it for this app."""
    if network not in NETWORKS.values() or not connectors.has(network):
        raise Http404(network)
    secret = settings.NETWORKS[network].client_secret
    try:
        return opened(request.POST.get("signed_request", ""), secret=secret, now=now)
    except Forged:
        return None


def _not_meta() -> HttpResponse:
    said = say("This request is not signed by Meta for this site, or is older than a day.")
    return JsonResponse({"error": said}, status=400)
