"""The files of the Klout Topic Ontology: read and written, made into a taxonomy and back.

Three tables: topic_ontology (a row a topic), topic_display (its names by language), topic_edges
(parent, child). Ids are numbers of up to 20 digits, kept as text: they do not fit 64 bits. A root
of id 0 points at itself. Slugs are unique, display names are not.
Source: github.com/klout/opendata, topic_ontology (CC BY 3.0); nothing of its content is here.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring.engine.topics.rows import Mistakes, Row, read
from scoring.engine.topics.taxonomy import Taxonomy

ROOT = "0"
ROOT_SLUG = "_ROOT_"
ONTOLOGY = ("topicId", "topicSlug", "topicDisplayName", "wikiItemId", "freebaseMachineId")
DISPLAY = ("topicId", "language", "topicDisplayName")
EDGES = ("parentTopicId", "parentTopicSlug", "childTopicId", "childTopicSlug")
RENAMED = {"parrentTopicSlug": "parentTopicSlug"}  # so the original files spell it

_ID = re.compile("[0-9]{1,24}")


@dataclass(frozen=True, slots=True)
class KloutTopic:
    """A topic of theirs. id: decimal digits. names: language -> display name, English among them.

    parents: ids in the order of the edges, ROOT for an area.
    """

    id: str
    slug: str
    name: str
    parents: tuple[str, ...]
    names: Mapping[str, str]
    wiki: str = ""
    freebase: str = ""


def read_ontology(folder: Path) -> dict[str, KloutTopic]:
    """Return the topics of a folder's three files by id, the root left out.

    A topic that only the edges name gets the slug they give and its English display name: the
    published files have one. Raises TaxonomyError with every mistake.
    """
    mistakes = Mistakes()
    ontology = _table(folder, "topic_ontology", ONTOLOGY, mistakes)
    display = _table(folder, "topic_display", DISPLAY, mistakes)
    edges = _table(folder, "topic_edges", EDGES, mistakes)
    names: dict[str, dict[str, str]] = {}
    for row in display:
        names.setdefault(row.cells["topicId"], {})[row.cells["language"]] = row.cells[
            "topicDisplayName"
        ]
    parents = _parents(edges, mistakes)
    found = {row.cells["topicId"]: row.cells for row in _sound(ontology, mistakes)}
    for row in edges:
        for side in ("parent", "child"):
            own, slug = row.cells[f"{side}TopicId"], row.cells[f"{side}TopicSlug"]
            if own not in found and own != ROOT:
                name = names.get(own, {}).get("en") or slug.replace("-", " ").capitalize()
                found[own] = dict(zip(ONTOLOGY, (own, slug, name, "", ""), strict=True))
    _same_slugs(edges, found, mistakes)
    mistakes.raise_if_any()
    return {
        own: KloutTopic(
            id=own,
            slug=cells["topicSlug"],
            name=cells["topicDisplayName"],
            parents=tuple(parents.get(own, ())),
            names={"en": cells["topicDisplayName"]} | names.get(own, {}),
            wiki=cells["wikiItemId"],
            freebase=cells["freebaseMachineId"],
        )
        for own, cells in found.items()
        if own != ROOT
    }


def write_ontology(topics: Mapping[str, KloutTopic], folder: Path) -> None:
    """Write topics as their three files into a folder that is there."""
    slugs = {own: topic.slug for own, topic in topics.items()} | {ROOT: ROOT_SLUG}
    ontology = [(one.id, one.slug, one.name, one.wiki, one.freebase) for one in topics.values()]
    display = [
        (one.id, language, name) for one in topics.values() for language, name in one.names.items()
    ]
    edges = [
        (parent, slugs[parent], one.id, one.slug)
        for one in topics.values()
        for parent in one.parents
    ]
    write(folder / "topic_ontology.csv", ONTOLOGY, ontology)
    write(folder / "topic_display.csv", DISPLAY, display)
    write(folder / "topic_edges.csv", EDGES, [(ROOT, ROOT_SLUG, ROOT, ROOT_SLUG), *edges])


def of_taxonomy(
    taxonomy: Taxonomy, kept: Mapping[str, KloutTopic] | None = None
) -> dict[str, KloutTopic]:
    """Return a taxonomy as their topics. Aliases, terms, senses, sensitivity are left out.

    kept: what an import kept of topics, by our slug: their id, slug and marks stay. Other ids are
    made of the slug's digest, so that a slug always has the same one.
    """
    before = kept or {}
    ids = {slug: before[slug].id if slug in before else topic_id(slug) for slug in taxonomy.topics}
    return {
        ids[slug]: KloutTopic(
            id=ids[slug],
            slug=before[slug].slug if slug in before else slug,
            name=topic.name,
            parents=tuple(ids[parent] for parent in topic.parents) or (ROOT,),
            names={"en": topic.name} | dict(topic.names),
            wiki=before[slug].wiki if slug in before else "",
            freebase=before[slug].freebase if slug in before else "",
        )
        for slug, topic in taxonomy.topics.items()
    }


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file: UTF-8, one line a row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _table(folder: Path, name: str, columns: Sequence[str], mistakes: Mistakes) -> list[Row]:
    """Return the rows of the one file whose name begins so."""
    paths = [path for ending in ("csv", "csv.gz") for path in folder.glob(f"{name}*.{ending}")]
    if len(paths) != 1:
        what = "There is none" if not paths else f"There are {len(paths)}"
        mistakes.at(
            f"{name}*.csv", 1, f"{what} in {folder}, and one is needed. Look at the folder."
        )
        return []
    return read(paths[0], paths[0].name, columns, mistakes, renamed=RENAMED)


def _sound(rows: Sequence[Row], mistakes: Mistakes) -> list[Row]:
    """Return the rows of topics, adding what is wrong with them."""
    ids: dict[str, Row] = {}
    slugs: dict[str, Row] = {}
    for row in rows:
        own, slug = row.cells["topicId"], row.cells["topicSlug"]
        if not _ID.fullmatch(own):
            mistakes.add(row, f"The id {own!r} is no number of up to 24 digits. Mend it.")
        if not slug or not row.cells["topicDisplayName"]:
            mistakes.add(row, "The slug or the display name is empty. Fill it in.")
        for what, seen, value in (("id", ids, own), ("slug", slugs, slug)):
            if (earlier := seen.setdefault(value, row)) is not row:
                mistakes.add(
                    row,
                    f"The {what} {value!r} stands on line {earlier.line} already, and it means one "
                    "topic. Take one out.",
                )
    return list(rows)


def _parents(edges: Sequence[Row], mistakes: Mistakes) -> dict[str, dict[str, None]]:
    """Return child id -> parent ids in order, the root's way to itself left out."""
    parents: dict[str, dict[str, None]] = {}
    for row in edges:
        parent, child = row.cells["parentTopicId"], row.cells["childTopicId"]
        if not (_ID.fullmatch(parent) and _ID.fullmatch(child)):
            mistakes.add(row, "An id is no number of up to 24 digits. Mend it.")
        elif child == ROOT and parent != ROOT:
            mistakes.add(row, "The root stands below a topic. Take the row out.")
        elif child != ROOT:
            parents.setdefault(child, {})[parent] = None
    return parents


def _same_slugs(
    edges: Sequence[Row], topics: Mapping[str, Mapping[str, str]], mistakes: Mistakes
) -> None:
    for row in edges:
        for side in ("parent", "child"):
            own, slug = row.cells[f"{side}TopicId"], row.cells[f"{side}TopicSlug"]
            known = ROOT_SLUG if own == ROOT else topics[own]["topicSlug"]
            if slug != known:
                mistakes.add(
                    row, f"The {side}'s slug {slug!r} is {known!r} elsewhere. Write the same one."
                )


def topic_id(slug: str) -> str:
    """Return the id of a topic in their way: a number as text, made of the slug alone."""
    return str(int.from_bytes(hashlib.sha256(slug.encode()).digest()[:8], "big") | 1 << 63)
