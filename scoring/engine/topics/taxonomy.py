"""The taxonomy: areas, fields and topics, several parents each, read from files people can edit.

docs/topics.md says how the files are written; `manage.py topics_check` says what is wrong in them.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from scoring.engine.topics import checks, naming
from scoring.engine.topics.naming import Sense, fold
from scoring.engine.topics.rows import Mistakes, Row, read
from scoring.engine.topics.spelling import Names

DATA = Path(__file__).resolve().parents[2] / "data" / "topics"
LANGUAGES = ("de", "es", "fr", "pt")  # of the bundled names, beside English
COLUMNS = ("slug", "level", "parents", "name", "aliases", "terms", "senses")
LANGUAGE = re.compile("[a-z]{2,3}|aliases")  # a column of names/
SENSITIVE = "sensitive.csv"
AMBIGUOUS = "ambiguous.csv"
_WHOLE = 0  # of naming.fit
_OWN, _OTHER, _FOREIGN, _SHORT = range(4)  # whose name it is: the better of two that fit alike
NAMES = "names"


@dataclass(frozen=True, slots=True)
class Topic:
    """One node of the taxonomy.

    slug: stable and unique. level: "area", "field" or "topic". parents: slugs, the nearest first.
    name: English. aliases: other names of the same thing; one that starts with "=" counts in
    exactly this case. terms: words written about it and little else. senses: the rule of each
    name or alias with other meanings, by its folded form. sensitive: never inferred, because it or
    something above it is listed as such. names: language -> display name, where there is one.
    known_as: language -> further names there, by which it is searched and no post is read.
    """

    slug: str
    level: str
    parents: tuple[str, ...]
    name: str
    aliases: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    senses: Mapping[str, Sense] = field(default_factory=dict)
    sensitive: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    known_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Taxonomy:
    """All topics, and the ways through them. Made by `load`, never changed."""

    def __init__(self, topics: Mapping[str, Topic], digest: str) -> None:
        """Take topics by slug and a digest of the files they come from (hexadecimal)."""
        self.topics: Mapping[str, Topic] = MappingProxyType(dict(topics))
        self.digest = digest
        below: dict[str, list[str]] = defaultdict(list)
        for topic in topics.values():
            for parent in topic.parents:
                below[parent].append(topic.slug)
        self._below = {slug: tuple(children) for slug, children in below.items()}
        self._above: dict[str, frozenset[str]] = {}

    @cached_property
    def areas(self) -> tuple[Topic, ...]:
        """The areas, in the order of their English names."""
        found = (topic for topic in self.topics.values() if topic.level == "area")
        return tuple(sorted(found, key=lambda topic: fold(topic.name)))

    def get(self, slug: str) -> Topic | None:
        """Return the topic of this slug, or None."""
        return self.topics.get(slug)

    def children(self, slug: str) -> tuple[str, ...]:
        """Return the slugs right below this one, in the files' order; none for an unknown slug."""
        return self._below.get(slug, ())

    def ancestors(self, slug: str) -> frozenset[str]:
        """Return every slug above this one, itself left out. Raises KeyError when unknown."""
        if slug not in self._above:
            parents = self.topics[slug].parents
            self._above[slug] = frozenset(parents).union(*map(self.ancestors, parents))
        return self._above[slug]

    def name(self, slug: str, language: str = "en") -> str:
        """Return the display name, the English one where the language ("pt-BR", "de") has none.

        Raises KeyError when the slug is unknown.
        """
        topic = self.topics[slug]
        return topic.names.get(_primary(language), topic.name)

    def search(self, words: str, language: str = "en", limit: int = 20) -> list[Topic]:
        """Return at most `limit` topics found by a name in any language or an alias, best first.

        Case and accents do not matter. Every word must begin a word of the same name; or the search
        is the initials of a shown name ("KI"). A whole name comes before the beginning of one, that
        before the rest; among these names in `language` and English first, then aliases, then
        other languages; among equals broader topics and shorter names come first.
        """
        wanted = naming.plain(words)
        if not wanted:
            return []
        begun = [f" {part}" for part in wanted.split()]
        ranked = [
            (rank, naming.LEVELS.index(topic.level), len(topic.name), topic.slug)
            for slug, topic in self.topics.items()
            if all(part in self._searched[slug].everything for part in begun)
            and (rank := self._searched[slug].rank(wanted, _primary(language))) is not None
        ]
        return [self.topics[slug] for *_, slug in sorted(ranked)[: max(limit, 0)]]

    def near(self, words: str, language: str = "en", limit: int = 5) -> list[Topic]:
        """Return at most `limit` topics that a search with a slip in it may have meant, best first.

        Whole names come before words of a name; among equals as in `search`.
        """
        wanted = naming.plain(words)
        ranked: dict[str, tuple[bool, bool, int, int]] = {}
        for name in self._spelt.near(wanted):
            for slug, whole, own in self._by_spelling[name]:
                topic = self.topics[slug]
                foreign = own not in ("en", "", _primary(language))
                rank = (not whole, foreign, naming.LEVELS.index(topic.level), len(name))
                ranked[slug] = min(rank, ranked.get(slug, rank))
        found = sorted((rank, slug) for slug, rank in ranked.items())
        return [self.topics[slug] for _, slug in found[: max(limit, 0)]]

    @cached_property
    def _by_spelling(self) -> Mapping[str, list[tuple[str, bool, str]]]:
        """Name or word of one -> slug, whether it is the whole name, language; "" of aliases."""
        found: dict[str, list[tuple[str, bool, str]]] = defaultdict(list)
        for slug, names in self._searched.items():
            shown = [(name, language) for language, name in names.shown.items()]
            others = ((name, "") for name in names.aliases)
            for name, language in (
                *shown, *((name, one) for one, name in names.known_as), *others,
            ):  # fmt: skip
                found[name].append((slug, True, language))
                for word in name.split() if " " in name else ():
                    found[word].append((slug, False, language))
        return found

    @cached_property
    def _spelt(self) -> Names:
        return Names(self._by_spelling)

    @cached_property
    def _searched(self) -> dict[str, "_Searched"]:
        return {slug: _searched(topic) for slug, topic in self.topics.items()}


@dataclass(frozen=True, slots=True)
class _Searched:
    """The names of a topic as they are searched: shown ones by language, aliases, initials."""

    shown: Mapping[str, str]
    known_as: tuple[tuple[str, str], ...]  # language, name
    aliases: tuple[str, ...]
    initials: frozenset[str]
    everything: str  # all of these, each word behind a space: what is not in it cannot fit

    def rank(self, wanted: str, language: str) -> tuple[int, int] | None:
        """Return how well this topic answers a plain search, the least best: how, by whose name."""
        named = [
            (_OWN if one in ("en", language) else _FOREIGN, name)
            for one, name in self.shown.items()
        ]
        named += [(_OTHER, name) for name in self.aliases]
        named += [(_OTHER if one == language else _FOREIGN, name) for one, name in self.known_as]
        fits = [(naming.fit(wanted, name), whose) for whose, name in named]
        ranks = [(fit, whose) for fit, whose in fits if fit is not None]
        if wanted in self.initials:
            ranks.append((_WHOLE, _SHORT))
        return min(ranks, default=None)


def _searched(topic: Topic) -> _Searched:
    shown = {one: naming.plain(name) for one, name in (*topic.names.items(), ("en", topic.name))}
    aliases = tuple(naming.plain(alias) for alias in topic.aliases)
    further = ((one, naming.plain(name)) for one, names in topic.known_as.items() for name in names)
    known_as = tuple(further)
    short = frozenset(filter(None, map(naming.initials, shown.values())))
    everything = " ".join(("", *shown.values(), *(one for _, one in known_as), *aliases, *short))
    return _Searched(shown, known_as, aliases, short, everything)


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy that comes with the product, read once a process."""
    return load()


def load(folder: Path = DATA) -> Taxonomy:
    """Return the taxonomy of a folder: a file an area, names/, sensitive.csv, ambiguous.csv.

    A file that is missing is no mistake, what refers into it is. Raises TaxonomyError with every
    mistake, each as "file, line N: what, why, what to do".
    """
    mistakes = Mistakes()
    digest = hashlib.sha256()

    def table(path: Path, columns: Sequence[str], more: re.Pattern[str] | None = None) -> list[Row]:
        if not path.is_file():
            return []
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return read(path, name, columns, mistakes, more=more)

    areas = [path for path in sorted(folder.glob("*.csv")) if path.name not in checks.LISTS]
    if not areas:
        mistakes.at(str(folder), 1, "There is no area's file here. Name a folder that holds some.")
    nodes = [row for path in areas for row in table(path, COLUMNS)]
    translated = sorted((folder / NAMES).glob("*.csv"))
    names = [row for path in translated for row in table(path, ("slug",), LANGUAGE)]
    sensitive = table(folder / SENSITIVE, ("slug",))
    ambiguous = table(folder / AMBIGUOUS, ("word",))

    checks.nodes(nodes, mistakes)
    checks.parents(nodes, mistakes)
    checks.words(nodes, ambiguous, mistakes)
    checks.names(names, nodes, [path.name for path in translated], mistakes)
    checks.further_names(names, mistakes)
    checks.known(sensitive, nodes, mistakes)
    mistakes.raise_if_any()
    return Taxonomy(
        _topics(nodes, names, {row.cells["slug"] for row in sensitive}), digest.hexdigest()
    )


def _topics(nodes: Sequence[Row], names: Sequence[Row], listed: set[str]) -> dict[str, Topic]:
    parents = {row.cells["slug"]: tuple(row.cells["parents"].split()) for row in nodes}
    translations = {row.cells["slug"]: row.cells for row in names}

    @cache
    def sensitive(slug: str) -> bool:
        return slug in listed or any(map(sensitive, parents[slug]))

    return {
        slug: Topic(
            slug=slug,
            level=row.cells["level"],
            parents=parents[slug],
            name=row.cells["name"],
            aliases=naming.listed(row.cells["aliases"]),
            terms=naming.listed(row.cells["terms"]),
            senses=MappingProxyType(naming.senses(row.cells["senses"])[0]),
            sensitive=sensitive(slug),
            names=_names(translations.get(slug, {})),
            known_as=naming.by_language(translations.get(slug, {}).get("aliases", "")),
        )
        for row in nodes
        for slug in [row.cells["slug"]]
    }


def _primary(language: str) -> str:
    """Return the language of a tag: "pt" of "pt-BR"."""
    return language.replace("_", "-").partition("-")[0].lower()


def _names(cells: Mapping[str, str]) -> Mapping[str, str]:
    apart = ("slug", "aliases")
    return MappingProxyType({one: name for one, name in cells.items() if name and one not in apart})
