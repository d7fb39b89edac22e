"""The bound on a worker's memory, in processes of their own: it cannot be lifted again."""

import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other kernels keep no such bound, see docs/operations.md"
)

TAKE = """
import resource, sys
from kloutsite import memory

def fits(megabytes):
    try:
        return bool(bytearray(megabytes * memory.MB))
    except MemoryError:
        return False

held = bytearray(100 * memory.MB)
"""


def said_by(lines: str) -> str:
    """Return what a process prints that runs TAKE and `lines`."""
    done = subprocess.run(
        [sys.executable, "-c", TAKE + lines],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_what_a_process_holds_already_is_not_counted_and_more_than_the_bound_is_refused() -> None:
    said = said_by("before = fits(200); memory.bound(100); print(before, fits(200), fits(80))")

    assert said == "True False True"


def test_many_small_things_meet_the_bound_as_one_large_one_does() -> None:
    said = said_by(
        "memory.bound(100)\n"
        "try:\n"
        "    pieces = [bytes(1000) for _ in range(200_000)]\n"
        "except MemoryError:\n"
        "    print('refused', fits(80))"
    )

    assert said == "refused True"


def test_a_narrower_bound_from_outside_stays() -> None:
    said = said_by(
        "resource.setrlimit(resource.RLIMIT_DATA, (300 * memory.MB, resource.RLIM_INFINITY))\n"
        "memory.bound(5000); print(fits(400), fits(50))"
    )

    assert said == "False True"
