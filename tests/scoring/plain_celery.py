"""Celery as it comes, for the control of the kill tests: no rows, no leases, no settings."""

import os
import time

from celery import Celery

app = Celery("plain", broker=os.environ["BROKER_URL"])


@app.task
def count(number: int) -> None:
    """Remember that it began, work a little, and remember that it ended."""
    with app.connection_for_write() as connection:
        client = connection.default_channel.client
        client.sadd("begun", number)
        time.sleep(0.2)
        client.sadd("ended", number)
