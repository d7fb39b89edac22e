"""A taxonomy's folder made of the Klout Topic Ontology, and what is kept for the way back."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from scoring.engine.topics import checks, naming
from scoring.engine.topics.klout_files import ONTOLOGY, ROOT, KloutTopic, write
from scoring.engine.topics.rows import Mistakes, read
from scoring.engine.topics.taxonomy import COLUMNS, NAMES

KEPT = "klout.csv"


def write_taxonomy(topics: Mapping[str, KloutTopic], folder: Path) -> None:
    """Write topics as the files of a taxonomy into a folder that is there.

    What stands below the root is an area, what stands below an area a field, the rest are topics.
    Each goes into the file of its first area or parent. A display name that several have gets a
    rule each, made of the words around it. Where an area or field has no name in a language, the
    English one is written, which is what would be shown. Raises TaxonomyError when some topic does
    not lead to the root or has parents that no place here fits.
    """
    slugs = _slugs(topics)
    homes, parents = _homes(topics)
    rules = _rules(topics)
    levels = {own: _level(topic, topics) for own, topic in topics.items()}
    languages = sorted({one for topic in topics.values() for one in topic.names} - {"en"})
    (folder / NAMES).mkdir(exist_ok=True)
    for area in (own for own in topics if levels[own] == "area"):
        inside = [own for own in _downwards(topics, levels) if homes[own] == area]
        nodes = [
            (
                slugs[own],
                levels[own],
                " ".join(slugs[parent] for parent in parents[own]),
                topics[own].name,
                "",
                "",
                rules.get(own, ""),
            )
            for own in inside
        ]
        write(folder / f"{slugs[area]}.csv", COLUMNS, nodes)
        names = [_names(topics[own], slugs[own], levels[own], languages) for own in inside]
        if languages:
            write(folder / NAMES / f"{slugs[area]}.csv", ("slug", *languages), names)
    kept = [
        (slugs[own], own, topic.slug, topic.name, topic.wiki, topic.freebase)
        for own, topic in topics.items()
    ]
    write(folder / KEPT, ("slug", *ONTOLOGY), kept)


def read_kept(folder: Path) -> dict[str, KloutTopic]:
    """Return what an import kept of each topic, by our slug; nothing when there was no import.

    Raises TaxonomyError when the file is not as it was written.
    """
    path = folder / KEPT
    if not path.is_file():
        return {}
    mistakes = Mistakes()
    rows = read(path, KEPT, ("slug", *ONTOLOGY), mistakes)
    mistakes.raise_if_any()
    return {
        row.cells["slug"]: KloutTopic(
            id=row.cells["topicId"],
            slug=row.cells["topicSlug"],
            name=row.cells["topicDisplayName"],
            parents=(),
            names={},
            wiki=row.cells["wikiItemId"],
            freebase=row.cells["freebaseMachineId"],
        )
        for row in rows
    }


def _slugs(topics: Mapping[str, KloutTopic]) -> dict[str, str]:
    """Return our slug of each id: theirs where it is one, else what is left of it, made unique."""
    taken = {name.removesuffix(".csv") for name in checks.LISTS}
    slugs = {}
    for odd in (False, True):
        for own, topic in topics.items():
            fits = bool(naming.SLUG.fullmatch(topic.slug)) and topic.slug not in taken
            if fits is odd or own in slugs:
                continue
            letters = re.findall("[a-z0-9]+", naming.plain(topic.slug))
            slug = stem = "-".join(letters)[: naming.LONGEST_SLUG - 25].strip("-") or "topic"
            if fits and len(topic.slug) <= naming.LONGEST_SLUG:
                slug = topic.slug
            elif slug in taken:
                slug = f"{stem}-{own}"
            taken.add(slug)
            slugs[own] = slug
    return slugs


def _level(topic: KloutTopic, topics: Mapping[str, KloutTopic]) -> str:
    if ROOT in topic.parents:
        return "area"
    return "field" if any(ROOT in topics[one].parents for one in topic.parents) else "topic"


def _homes(
    topics: Mapping[str, KloutTopic],
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the area whose file each topic goes to, and its parents with the nearest first."""
    mistakes = Mistakes()
    homes: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    waiting = dict(topics)
    while waiting:
        placed = [own for own, topic in waiting.items() if _is_placed(topic, homes)]
        if not placed:
            break
        for own in placed:
            topic = waiting.pop(own)
            if ROOT in topic.parents:
                homes[own], parents[own] = own, ()
                if len(topic.parents) > 1:
                    mistakes.at(
                        "topic_edges",
                        1,
                        f"{topic.slug!r} stands below the root and below others. Keep the root.",
                    )
                continue
            areas = [one for one in topic.parents if homes[one] == one]
            first = areas[0] if areas else topic.parents[0]
            homes[own] = homes[first]
            parents[own] = (first, *(one for one in topic.parents if one != first))
    for topic in waiting.values():
        why = "goes in a circle or hangs on one that does" if topic.parents else "has no parent"
        mistakes.at("topic_edges", 1, f"{topic.slug!r} {why}. Mend its edges.")
    mistakes.raise_if_any()
    return homes, parents


def _is_placed(topic: KloutTopic, homes: Mapping[str, str]) -> bool:
    return bool(topic.parents) and all(one == ROOT or one in homes for one in topic.parents)


def _rules(topics: Mapping[str, KloutTopic]) -> dict[str, str]:
    """Return the rule of each topic whose display name others have too."""
    users: dict[str, list[str]] = defaultdict(list)
    for own, topic in topics.items():
        users[naming.heard(topic.name)].append(own)
    rules = {}
    for sharing in users.values():
        for own in sharing if len(sharing) > 1 else ():
            topic = topics[own]
            name = naming.key(topic.name)
            above = [topics[one].name for one in topic.parents if one != ROOT]
            around = _words(" ".join([*above, topic.slug])) - _words(name)
            needed = sorted(around or _words(topic.slug) or {own})
            rules[own] = f"{name}: {' '.join(f'+{word}' for word in needed)}"
    return rules


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", naming.fold(text).replace("_", " ")))


def _downwards(topics: Mapping[str, KloutTopic], levels: Mapping[str, str]) -> list[str]:
    """Return ids, areas before fields before topics, as people read a file."""
    return sorted(topics, key=lambda own: naming.LEVELS.index(levels[own]))


def _names(topic: KloutTopic, slug: str, level: str, languages: list[str]) -> tuple[str, ...]:
    instead = "" if level == "topic" else topic.name
    return (slug, *(topic.names.get(language) or instead for language in languages))
