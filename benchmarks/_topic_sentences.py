"""What a sentence model that others trained would add to the learned weights, on the same titles.

The product does not use one: this is how docs/decisions/0023 came about. KLOUTSITE_SENTENCE_MODEL
names a folder with `model.safetensors` and `tokenizer.json` of a BERT model that takes the mean of
its words, as all-MiniLM-L6-v2 is packed for Python.
"""

import json
import os
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, log_softmax
from sklearn.linear_model import LogisticRegression

from benchmarks import _topic_data as data
from benchmarks._topic_titles import engine_scores, print_line
from scoring.engine.topics.weights import weights

HEADS, LONGEST, BATCH = 12, 64, 128  # heads of attention, pieces of a text, texts at once
LEAST_STRICT = 20.0  # inverse cost of the regression
SHARPNESS, SHARE = 5.0, 0.6  # of ours and of the model's where both speak

Floats = NDArray[np.float32]


def sentences() -> None:
    """Print how right the model is alone and beside ours, or how to have it measured."""
    folder = os.environ.get("KLOUTSITE_SENTENCE_MODEL")
    if not folder:
        print("Sentence model: left out, KLOUTSITE_SENTENCE_MODEL names no folder")
        return
    every = data.titles()
    reported = np.array([title.part == data.REPORTED for title in every])
    slugs = np.array([data.ours(title.klout) or "" for title in every])
    told = [title for title in every if title.part == data.REPORTED]
    made = Model(Path(folder)).vectors([title.text for title in every])
    learned = LogisticRegression(C=LEAST_STRICT, max_iter=60).fit(made[~reported], slugs[~reported])
    alone = learned.predict_log_proba(made[reported])
    print(f"{'top-1 over 162 topics':<34} {'right':>7} {'surest half':>12} {'quarter':>8}")
    _print("sentence model, regression", alone, learned.classes_, slugs[reported])
    columns = np.searchsorted(learned.classes_, weights().slugs)
    both = SHARPNESS * engine_scores(told) + SHARE * alone[:, columns]
    _print("ours and sentence model", both, np.array(weights().slugs), slugs[reported])


def _print(name: str, scores: Floats, slugs: NDArray[np.str_], want: NDArray[np.str_]) -> None:
    print_line(name, slugs[scores.argmax(axis=1)] == want, log_softmax(scores, axis=1).max(axis=1))


class Model:
    """A BERT model, read from its folder; runs on numpy alone."""

    def __init__(self, folder: Path) -> None:
        self.words: dict[str, int] = json.loads((folder / "tokenizer.json").read_text())["model"][
            "vocab"
        ]
        self.table = _tensors((folder / "model.safetensors").read_bytes())
        self.layers = 1 + max(
            int(name.split(".")[2]) for name in self.table if name.startswith("encoder.layer.")
        )

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text, (texts, size)."""
        pieces = [self._pieces(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(pieces[place]))
        found: list[Floats] = []
        for start in range(0, len(order), BATCH):
            some = [pieces[place] for place in order[start : start + BATCH]]
            ids = np.zeros((len(some), len(some[-1])), np.int64)
            for row, one in enumerate(some):
                ids[row, : len(one)] = one
            lengths = np.array([len(one) for one in some])
            found.append(self._run(ids, np.arange(ids.shape[1]) < lengths[:, None]))
        out = np.empty((len(texts), found[0].shape[1]), np.float32)
        out[order] = np.concatenate(found)
        return out

    def _pieces(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces: the longest the model knows, from the left."""
        found = [self.words["[CLS]"]]
        for word in _words(text):
            start, pieces = 0, []
            while start < len(word):
                lead = "##" if start else ""
                ends = range(len(word), start, -1)
                end = next((end for end in ends if lead + word[start:end] in self.words), None)
                if end is None:
                    pieces = [self.words["[UNK]"]]
                    break
                pieces.append(self.words[lead + word[start:end]])
                start = end
            found += pieces
        return [*found[: LONGEST - 1], self.words["[SEP]"]]

    def _run(self, ids: NDArray[np.int64], there: NDArray[np.bool_]) -> Floats:
        table = self.table
        x = table["embeddings.word_embeddings.weight"][ids]
        x = x + table["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm(x + table["embeddings.token_type_embeddings.weight"][0], "embeddings")
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attention(x, there, name), f"{name}.attention.output")
            wide = self._linear(x, f"{name}.intermediate.dense")
            wide *= 0.5 * (1 + erf(wide / np.float32(np.sqrt(2))))
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output")
        mean = (x * there[:, :, None]).sum(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def _attention(self, x: Floats, there: NDArray[np.bool_], name: str) -> Floats:
        texts, pieces, size = x.shape
        query, key, value = (
            self._linear(x, f"{name}.attention.self.{part}")
            .reshape(texts, pieces, HEADS, size // HEADS)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        match = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(size // HEADS))
        match = np.where(there[:, None, None, :], match, np.float32(-1e9))
        match = np.exp(match - match.max(axis=-1, keepdims=True))
        seen = (match / match.sum(axis=-1, keepdims=True)) @ value
        flat = seen.transpose(0, 2, 1, 3).reshape(texts, pieces, size)
        return self._linear(flat, f"{name}.attention.output.dense")

    def _linear(self, x: Floats, name: str) -> Floats:
        return np.asarray(x @ self.table[f"{name}.weight"].T + self.table[f"{name}.bias"])

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12)
        return x * self.table[f"{name}.LayerNorm.weight"] + self.table[f"{name}.LayerNorm.bias"]


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text in small letters without accents, and each mark by itself."""
    plain = unicodedata.normalize("NFD", text.lower())
    word = ""
    for sign in plain:
        kind = unicodedata.category(sign)
        if kind == "Mn":
            continue
        is_mark = kind.startswith("P") or (sign.isascii() and not sign.isalnum())
        if is_mark or sign.isspace():
            if word:
                yield word
            word = ""
            if is_mark and not sign.isspace():
                yield sign
        else:
            word += sign
    if word:
        yield word


def _tensors(file: bytes) -> dict[str, Floats]:
    """Return the arrays of 32-bit floats in a safetensors file, by name."""
    (length,) = struct.unpack("<Q", file[:8])
    found = {}
    for name, one in json.loads(file[8 : 8 + length]).items():
        if name != "__metadata__" and one["dtype"] == "F32":
            start, end = (8 + length + offset for offset in one["data_offsets"])
            found[name] = np.frombuffer(file[start:end], np.float32).reshape(one["shape"])
    return found
