"""Learned weights: how much each word, pair, piece of a word or found topic speaks for a topic.

`benchmarks/train_topics.py` learns them; docs/topics.md says from what and how right they are. The
file holds numbers alone: a hash of each feature, its rarity, and small whole numbers for the topics
that it speaks for or against.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.engine.topics.features import NAMED, PIECE, Features, Keys, Rows

FILE = Path(__file__).resolve().parents[2] / "data" / "topics_weights.npz"
IDF_STEP = 0.05

Floats = NDArray[np.float32]
# Lengths of a text's wording, pieces of words, and found topics. Source: tried on a part of the
# titles that is not reported; 0.6 was better than 0, 1 and 1.6.
_BLOCKS = np.array((1.0, 1.0, 0.6), np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model over hashed features.

    keys: ascending, (F,). idf: rarity of each, (F,). starts: where each feature's entries begin,
    (F + 1,). topics, values: which topic, how much, (entries,). step: what a value of 1 stands
    for. bias: (topics,). slugs: of the topics. sure: constants of `confidence`. digest: of the
    file.
    """

    keys: Keys
    idf: Floats
    starts: Rows
    topics: NDArray[np.uint8]
    values: NDArray[np.int8]
    step: float
    bias: Floats
    slugs: tuple[str, ...]
    sure: tuple[float, ...]
    digest: str

    def scores(self, features: Features, texts: int) -> Floats:
        """Return how much each text speaks for each topic, (texts, topics); above 0 it does."""
        text, at, value = vectors(features, self.keys, self.idf)
        many = self.starts[at + 1] - self.starts[at]
        first = np.cumsum(many) - many
        entry = np.arange(int(many.sum())) + np.repeat(self.starts[at] - first, many)
        cell = np.repeat(text * len(self.slugs), many) + self.topics[entry]
        said = np.repeat(value, many) * self.values[entry]
        total = np.bincount(cell, weights=said, minlength=texts * len(self.slugs))
        return (total.reshape(texts, len(self.slugs)) * self.step + self.bias).astype(np.float32)

    def confidence(self, scores: Floats) -> Floats:
        """Return how likely the best topic of each text is right, 0 to 1, (texts,)."""
        return confidence(scores, np.array(self.sure, np.float32))


def vectors(features: Features, keys: Keys, idf: Floats) -> tuple[Rows, Rows, Floats]:
    """Return (text, place in `keys`, value) of the known features, each block of its length."""
    at = np.searchsorted(keys, features.key)
    at[at == len(keys)] = 0
    known = keys[at] == features.key
    text, at = features.text[known], at[known]
    value = features.count[known] * idf[at]
    kind = features.kind[known]
    block = (kind == PIECE) + 2 * (kind == NAMED)
    cell = text * len(_BLOCKS) + block
    length = np.sqrt(np.bincount(cell, weights=value * value, minlength=1))
    return text, at, (value * _BLOCKS[block] / length[cell]).astype(np.float32)


def confidence(scores: Floats, sure: Floats) -> Floats:
    """Return 1 / (1 + exp(-(sure[0] + sure[1] best + sure[2] (best - second)))) of each row."""
    second, best = np.partition(scores, -2, axis=1)[:, -2:].T
    return np.asarray(1 / (1 + np.exp(-(sure[0] + sure[1] * best + sure[2] * (best - second)))))


@cache
def weights() -> Weights:
    """Return the weights that come with the product, read with the first post of a process."""
    return load(FILE)


def load(path: Path) -> Weights:
    """Return the weights of a file. Raises OSError and ValueError when it is none."""
    with np.load(path, allow_pickle=False) as file:
        starts = np.zeros(len(file["many"]) + 1, np.int64)
        np.cumsum(file["many"], out=starts[1:])
        return Weights(
            keys=np.cumsum(file["gaps"], dtype=np.uint32),
            idf=file["idf"].astype(np.float32) * np.float32(IDF_STEP),
            starts=starts,
            topics=file["topics"],
            values=file["values"],
            step=float(file["step"]),
            bias=file["bias"],
            slugs=tuple(file["slugs"].tolist()),
            sure=tuple(file["sure"].tolist()),
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
