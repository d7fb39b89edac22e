"""Names, hashtags and key terms of the taxonomy in a post, with their senses told apart."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.engine.topics.naming import Sense, key
from scoring.engine.topics.taxonomy import Taxonomy, Topic
from scoring.engine.topics.tokens import Joint, Words, words_of

_ENGLISH = "en"
_LONGEST_BECAUSE = 80  # characters
_SHORTEST_ABROAD = 4  # letters: without its accent Spanish "té" is "te", in every second post
_SHORTEST_NEEDED_ABROAD = 3  # letters: the "c" that Python needs is in every French "c'est"
_SHORTEST_UNMARKED = 6  # letters of a name that counts abroad in small letters, as "asyncio" does
# What is made here is called the same in every language, and often written in small letters.
_SOFTWARE = {
    "artificial-intelligence",
    "cloud-and-infrastructure",
    "data",
    "operating-systems",
    "programming-languages",
    "software-development",
    "web-development",
}
_TERM = 0.4  # weight of a term that no other topic has; a name has 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to write one topic."""

    slug: str
    is_name: bool  # proves the topic alone; a term does not
    language: str
    exact: str  # the only case it counts in, "" for any
    joints: tuple[Joint, ...]
    sense: Sense | None
    is_software: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that stands at words start..end of a text."""

    entry: Entry
    start: int
    end: int
    phrase: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a text says of one topic: how many of its names and terms, and the words."""

    slug: str
    names: int
    terms: int
    weight: float  # 1 for a name, less for a term, and for what several topics share
    hits: tuple[Hit, ...]  # names first
    words: Words

    @property
    def because(self) -> str:
        """Return the first words that say so, as they were written."""
        found = (self.words.between(hit.start, hit.end) for hit in self.hits[:3])
        return ", ".join(found)[:_LONGEST_BECAUSE]


class Matcher:
    """All names and terms of a taxonomy, ready to be found in texts."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Take a taxonomy apart into the ways to write each of its topics."""
        self._phrases: dict[str, list[Entry]] = defaultdict(list)
        self._tags: dict[str, list[Entry]] = defaultdict(list)
        self._software = {
            slug for slug in taxonomy.topics if not _SOFTWARE.isdisjoint(taxonomy.ancestors(slug))
        }
        for topic in taxonomy.topics.values():
            self._learn(topic)
        lengths: dict[str, set[int]] = defaultdict(set)
        for phrase in self._phrases:
            first, *rest = phrase.split(" ")
            lengths[first].add(1 + len(rest))
        # What a phrase says to each of the topics that share it.
        self._parts = {
            phrase: 1 / math.sqrt(len(entries)) for phrase, entries in self._phrases.items()
        }
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def matches(self, text: str, language: str) -> dict[str, Match]:
        """Return what a text in `language` ("" when unknown) says of each topic, by slug.

        A name whose sense the text does not settle says nothing. A name inside a longer name of
        another topic says nothing either.
        """
        words = words_of(text)
        hits = self._settled(_outermost(self._hits(words, language)), words, language)
        by_slug: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            by_slug[hit.entry.slug].append(hit)
        return {slug: self._match(slug, found, words) for slug, found in by_slug.items()}

    def _learn(self, topic: Topic) -> None:
        for name in dict.fromkeys((topic.name, *topic.aliases)):
            self._add(topic, name, is_name=True, language=_ENGLISH)
        for term in topic.terms:
            self._add(topic, term, is_name=False, language=_ENGLISH)
        for language, name in topic.names.items():
            self._add(topic, name, is_name=True, language=language)

    def _add(self, topic: Topic, name: str, *, is_name: bool, language: str) -> None:
        exact = name.removeprefix("=") if name.startswith("=") else ""
        found = words_of(name.removeprefix("="))
        if not found.folded or (language != _ENGLISH and len(name) < _SHORTEST_ABROAD):
            return
        sense = _as_read(topic.senses.get(key(name))) if is_name else None
        joints = tuple(found.joints[1:])
        entry = Entry(topic.slug, is_name, language, "".join(found.written) if exact else "",
                      joints, sense, topic.slug in self._software)  # fmt: skip
        forms = [found.folded]
        if language == _ENGLISH and not exact:
            forms += _numbers(found.folded)
        for form in forms:
            phrase = " ".join(form)
            if all(entry.slug != other.slug for other in self._phrases[phrase]):
                self._phrases[phrase].append(entry)
        if len(found.folded) > 1 and is_name:
            self._tags["".join(found.folded)].append(entry)

    def _hits(self, words: Words, language: str) -> list[Hit]:
        folded, hits = words.folded, []
        for start, word in enumerate(folded):
            for length in self._lengths.get(word, ()):
                end = start + length
                if end > len(folded):
                    continue
                phrase = " ".join(folded[start:end]) if length > 1 else word
                hits += [
                    Hit(entry, start, end, phrase)
                    for entry in self._phrases.get(phrase, ())
                    if _fits(entry, words, start, end, language)
                ]
        for tag in words.tags:
            at = folded.index(tag)
            hits += [Hit(entry, at, at + 1, tag) for entry in self._tags.get(tag, ())]
        return hits

    def _settled(self, hits: list[Hit], words: Words, language: str) -> list[Hit]:
        """Leave out names that mean something else here."""
        least = 1 if language in (_ENGLISH, "") else _SHORTEST_NEEDED_ABROAD
        free: dict[str, set[str]] = defaultdict(set)
        for hit in hits:
            if hit.entry.sense is None:
                free[hit.entry.slug].add(hit.phrase)
        text = f" {' '.join(words.folded)} "
        return [
            hit
            for hit in hits
            if hit.entry.sense is None
            or _holds(hit.entry.sense, free[hit.entry.slug] - {hit.phrase}, text, least)
        ]

    def _match(self, slug: str, hits: list[Hit], words: Words) -> Match:
        names = {hit.phrase: hit for hit in hits if hit.entry.is_name}
        terms = {
            hit.phrase: hit for hit in hits if not hit.entry.is_name and hit.phrase not in names
        }
        parts = self._parts
        weight = _TERM * sum(parts.get(term, 1.0) for term in terms)
        weight += sum(parts.get(name, 1.0) for name in names)
        return Match(
            slug, len(names), len(terms), weight, (*names.values(), *terms.values()), words
        )


def _numbers(folded: list[str]) -> list[list[str]]:
    """Return the plural of a name, and the singular of one of several words."""
    *before, last = folded
    if not last.isalpha() or len(last) < 3:
        return []
    if last.endswith("s"):
        singular = last[:-1]
        return [[*before, singular]] if before and len(last) > 4 and last[-2] != "s" else []
    if last.endswith("y") and last[-2] not in "aeiou":
        return [[*before, last[:-1] + "ies"]]
    return [[*before, last + "s"]]


def _fits(entry: Entry, words: Words, start: int, end: int, language: str) -> bool:
    """Return whether an entry counts where its words stand, in a text of this language."""
    if entry.joints and not _is_joined(entry.joints, words.joints[start + 1 : end]):
        return False
    written = words.written[start:end]
    if entry.exact and "".join(written) != entry.exact:
        return False
    if language in (entry.language, "") or (language != _ENGLISH and entry.language == language):
        return True
    # In another language an English name counts when it is plainly a name there too.
    if entry.language != _ENGLISH or not entry.is_name or language == _ENGLISH:
        return False
    if entry.exact or len(written) > 1:
        return True
    return _is_name_abroad(entry, written[0])


def _is_name_abroad(entry: Entry, word: str) -> bool:
    """Tell whether one word of English is plainly a name in a text of another language.

    Of names with several meanings only software's are, where a needed word can tell: the words
    other rules need are words of other languages too (German "war", Spanish "mayor").
    """
    is_capital = word[0].isupper()
    if entry.sense is None:
        if is_capital:
            return len(word) > _SHORTEST_ABROAD
        return entry.is_software and len(word) >= _SHORTEST_UNMARKED
    if not entry.is_software or not entry.sense.needs:
        return False
    return len(word) >= (_SHORTEST_ABROAD if is_capital else _SHORTEST_UNMARKED)


def _is_joined(asked: Sequence[Joint], found: Sequence[Joint]) -> bool:
    """Tell whether words stand as close to each other as in the name."""
    return all(here <= there for here, there in zip(found, asked, strict=True))


def _outermost(hits: Iterable[Hit]) -> list[Hit]:
    """Leave out hits inside a longer hit of another topic: "apple pie" is no "apple"."""
    hits = list(hits)
    covers: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        if hit.end - hit.start > 1:
            for at in range(hit.start, hit.end):
                covers[at].append(hit)
    return [hit for hit in hits if not any(_inside(hit, other) for other in covers[hit.start])]


def _inside(hit: Hit, other: Hit) -> bool:
    return (
        other.start <= hit.start
        and hit.end <= other.end
        and hit.end - hit.start < other.end - other.start
    )


def _as_read(sense: Sense | None) -> Sense | None:
    """Return a rule with its words as they are found in texts: "thru hike" of "thru-hike"."""
    if sense is None:
        return None
    needs, bars = (
        tuple(" ".join(words_of(word).folded) for word in words)
        for words in (sense.needs, sense.bars)
    )
    return Sense(tuple(filter(None, needs)), tuple(filter(None, bars)))


def _holds(sense: Sense, proofs: set[str], text: str, least: int) -> bool:
    """Return whether a name with several meanings means its topic in a folded text.

    Needed words of fewer than `least` letters prove nothing.
    """
    if any(f" {word} " in text for word in sense.bars):
        return False
    if not sense.needs or proofs:
        return True
    return any(len(word) >= least and f" {word} " in text for word in sense.needs)
