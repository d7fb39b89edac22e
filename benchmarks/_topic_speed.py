"""How many posts a second are assigned on one core, and what that takes of memory."""

import time
from collections.abc import Callable

import psutil

from benchmarks import _topic_data as data
from scoring.engine.topics.assign import assign, assigner
from scoring.engine.topics.language import language_of
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.topics.weights import FILE, weights

POSTS = 20_000


def speed() -> None:
    """Print CPU time a post and the memory of each part."""
    print(f"Memory, MB more than before ({FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB)")
    _grown("language", lambda: language_of("a first text that loads the model"))
    _grown("taxonomy", taxonomy)
    _grown("weights", weights)
    _grown(
        "matching and a first batch", lambda: (assigner(), assign(["word " * 50] * 256, [""] * 256))
    )
    print("\nCPU seconds, one core        posts  letters each   posts a second")
    titles = [title.text for title in data.titles()][:POSTS]
    long = [post.text[:280] for page in data.pages() for post in page.posts[:400]][:POSTS]
    for name, texts in (("titles", titles), ("posts of pages, 280 letters", long)):
        begun = time.process_time()
        assign(texts, [""] * len(texts))
        taken = time.process_time() - begun
        letters = sum(map(len, texts)) / len(texts)
        print(f"  {name:<27} {len(texts):>6,} {letters:>12.0f} {len(texts) / taken:>16,.0f}")


def _grown(name: str, load: Callable[[], object]) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    load()
    print(f"  {name:<27} {(process.memory_info().rss - before) / 2**20:>6.1f}")
