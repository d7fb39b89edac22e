"""Measure how right topics are: titles, whole accounts, people, entities, strays, speed.

    python -m benchmarks.topics [titles sentences pages people entities strays speed]

Prints the tables of docs/topics.md. Needs the folder of data sets (benchmarks/_topic_data.py), no
database. Nothing that is reported here was learned from.
"""

import argparse

from benchmarks._topic_accounts import entities, pages, people, strays
from benchmarks._topic_sentences import sentences
from benchmarks._topic_speed import speed
from benchmarks._topic_titles import titles

PARTS = {
    "titles": titles,
    "sentences": sentences,
    "pages": pages,
    "people": people,
    "entities": entities,
    "strays": strays,
    "speed": speed,
}


def main() -> None:
    """Print the tables that were asked for, all of them without a word."""
    parser = argparse.ArgumentParser(description="Measure how right topics are.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    for part in parser.parse_args().parts or PARTS:
        PARTS[part]()
        print(flush=True)


if __name__ == "__main__":
    main()
