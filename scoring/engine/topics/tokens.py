"""The words of a post, as they are compared with the taxonomy and with learned weights."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

LONGEST = 4_000  # characters of a post that are read; what networks call a post is far shorter
MOST_TAGS = 12  # hashtags of a post that are read; more of them say nothing about the post

# Addresses and people's names are not what a post is about. Repeats are bounded: linear time.
_NOISE = re.compile(
    r"(?:https?://|www\.)[^\s<>]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}"
    r"|(?<!\w)@[\w.-]{1,64}(?:@[\w.-]{1,190})?"
)
# A word; or the signs of "C++" and "C#" right behind one. "_" parts words: snake_case, #some_tag.
_WORD = re.compile(r"(?P<tag>#(?=[^\W_]))?(?P<word>[^\W_]+|(?<=[^\W_])(?:\+\+|#)(?![^\W_]))")
_BREAK = re.compile(r"[.,!?;:…|\n](?:\s|$)|\n|^\s*[|•]")


class Joint(IntEnum):
    """What stands between a word and the one before it."""

    GLUED = 0  # no space: "node.js", "no-code"
    SPACED = 1
    BROKEN = 2  # the end of a clause, so that no name runs across it


@dataclass(frozen=True, slots=True)
class Words:
    """A text taken apart. All lists are equally long but `tags`."""

    text: str  # what the words were taken from: without accents, links and names of accounts
    spans: list[tuple[int, int]]  # where in `text`
    written: list[str]  # in the case they were written in
    folded: list[str]  # without case
    joints: list[Joint]  # of each word with the one before it
    tags: list[str]  # hashtags, folded, without "#": "machinelearning"

    def between(self, start: int, end: int) -> str:
        """Return words start..end as they stand in the text, on one line."""
        return " ".join(self.text[self.spans[start][0] : self.spans[end - 1][1]].split())


def flat(text: str) -> str:
    """Return text in compatible letters without accents, stacked marks and invisible signs."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if unicodedata.category(one) not in _DROPPED)


_DROPPED = {"Mn", "Me", "Cf", "Cs"}


def plain_text(text: str) -> str:
    """Return the part of a text that is read, without links, email addresses and accounts."""
    return _NOISE.sub(" | ", flat(text[:LONGEST]))


def words_of(text: str) -> Words:
    """Take a text apart."""
    shown = plain_text(text)
    spans: list[tuple[int, int]] = []
    written: list[str] = []
    joints: list[Joint] = []
    tags: list[str] = []
    end, spaced = 0, Joint.SPACED
    for found in _WORD.finditer(shown):
        between = shown[end : found.start()]
        word = found["word"]
        if found["tag"]:
            tags.append(word.casefold())
        spans.append(found.span("word"))
        written.append(word)
        joints.append(spaced if between == " " else _joint(between))
        end = found.end()
    if len(tags) > MOST_TAGS:
        tags = []
    return Words(shown, spans, written, [word.casefold() for word in written], joints, tags)


def _joint(between: str) -> Joint:
    if not between or (len(between) == 1 and not between.isspace() and between != "|"):
        return Joint.GLUED
    return Joint.BROKEN if _BREAK.search(between) else Joint.SPACED
