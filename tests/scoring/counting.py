"""What a process of its own does for test_limits.py: it needs no Django, so it starts at once."""

from pathlib import Path

from scoring.counters import Counters


def ask(path: Path, times: int) -> int:
    """Count `times` times in the file and return how many of these were among the first 60."""
    counters = Counters(path)
    return sum(counters.add("nora", until=100, now=50) <= 60 for _ in range(times))
