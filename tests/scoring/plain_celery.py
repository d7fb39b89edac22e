"""Celery as it comes, for the control of the kill tests: no rows, no leases, no settings."""

import os
import time

from celery import Celery

app = Celery("plain", broker=os.environ["BROKER_URL"])


@app.task
def count(number: int) -> None:
    """Work a little, then remember that it was done."""
    time.sleep(0.2)
    with app.connection_for_write() as connection:
        connection.default_channel.client.sadd("counted", number)
