"""A change of keys that is killed after so many rows, at whatever it is doing then (`main`)."""

import os
import signal
import sys
import threading

import django
from django.utils import timezone

django.setup()

from accounts import rotating  # noqa: E402 (models want Django set up)


def main(rows: int) -> None:
    """Seal anew and die after `rows` rows; a slow killer is waited for, so that none is missed."""
    reached = threading.Event()

    def killer() -> None:
        reached.wait()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=killer, daemon=True).start()
    for done, said in enumerate(rotating.rotate(now=timezone.now()), start=1):
        if said:
            print(said, flush=True)
        if done == rows:
            reached.set()
        if done == rows + 25:
            threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
