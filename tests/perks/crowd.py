"""A process full of people who press at once: `THREADS CAMPAIGN PERSON...`; NOW is set outside.

Says "ready" when every thread has its connection, waits for a line, and prints how it went.
"""

import json
import os
import sys
import threading
import time
from datetime import datetime

import django


def main(threads: int, campaign_id: int, people: list[int]) -> None:
    """Press for these people, in turn over so many connections."""
    django.setup()
    from django.db import connection

    from perks import claims
    from perks.refusals import Refused

    now = datetime.fromisoformat(os.environ["NOW"])
    outcomes, took = list[str](), list[float]()
    ready, go = threading.Barrier(threads + 1), threading.Event()

    def press(mine: list[int]) -> None:
        connection.ensure_connection()
        ready.wait(60)
        go.wait(60)
        for user_id in mine:
            began = time.monotonic()
            try:
                one = claims.hold(user_id=user_id, campaign_id=campaign_id, key="k", now=now)
                claims.claim(user_id=user_id, ref=one.ref, now=now)
                outcomes.append("claimed")
            except Refused as refused:
                outcomes.append(refused.no.value)
            except Exception as error:  # noqa: BLE001 - told to the test
                outcomes.append(repr(error))
            took.append(time.monotonic() - began)
        connection.close()

    running = [threading.Thread(target=press, args=(people[at::threads],)) for at in range(threads)]
    for thread in running:
        thread.start()
    ready.wait(60)
    print("ready", flush=True)
    sys.stdin.readline()
    go.set()
    for thread in running:
        thread.join(300)
    print(json.dumps({"outcomes": outcomes, "took": took}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")
    main(int(sys.argv[1]), int(sys.argv[2]), [int(one) for one in sys.argv[3:]])
