"""Learn the weights of wording for topics, and write them where the product reads them.

    python -m benchmarks.train_topics [--out FILE]

Learns from the titles of reddit_topics, all parts but the reported one, and from posts of half of
the pages of fb_pages_2016 as text about none of their topics. Takes about five minutes on one core
and 3 GB. The file holds numbers and slugs alone.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from benchmarks import _topic_data as data
from scoring.engine.topics.assign import named_features
from scoring.engine.topics.features import NAMED, PAIR, PIECE, WORD, Features, featurise
from scoring.engine.topics.language import language_of
from scoring.engine.topics.matching import Matcher
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.topics.weights import FILE, IDF_STEP, Floats, confidence, vectors

SOURCES = "reddit_topics (PDDL 1.0), fb_pages_2016 (MIT), as of benchmarks/_topic_data.py"
LEAST = {WORD: 1, PAIR: 2, PIECE: 3, NAMED: 2}  # texts a feature must stand in
ENTRIES = 1_300_000  # weights kept, the largest
OTHERS = 4_000  # posts about none of the topics
REGULAR = 0.15  # cost of the support vector machine
SMOOTHING = 0.3  # of naive Bayes
MIXED = 0.5  # part of naive Bayes beside a support vector machine's 1
BATCH = 512

Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as features, each with the place of its topic; -1 for about none of them."""

    features: Features
    topic: Array
    part: Array  # of the titles; -1 for others


def features_of(texts: list[str]) -> Features:
    """Return the features of many texts, with what the taxonomy finds in them."""
    matcher, tree, found = Matcher(taxonomy()), taxonomy(), []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        named = [named_features(matcher.matches(text, "en"), tree) for text in batch]
        some = featurise(batch, named)
        found.append((some.text + start, some.key, some.count, some.kind))
    return Features(*(np.concatenate(column) for column in zip(*found, strict=True)))


def others(topics: frozenset[str]) -> list[str]:
    """Return English posts of pages, of the half to learn from, about none of these topics."""
    posts = []
    for page in data.pages():
        wide = page.topics.union(*(data.above().get(topic, frozenset()) for topic in page.topics))
        if not page.is_reported and not wide & topics:
            posts += [
                (data.part_of(post.text, 2**32), post.text)
                for post in page.posts
                if len(post.text) > 40 and language_of(post.text) == "en"
            ]
    return [text for _, text in sorted(set(posts))[:OTHERS]]


def read() -> tuple[Texts, list[str]]:
    """Return what to learn from, and our slugs in the order of their places."""
    titles = [title for title in data.titles() if title.part != data.REPORTED]
    klout = sorted({title.klout for title in titles})
    slugs = {one: data.ours(one) for one in klout}
    missing = [one for one in klout if slugs[one] is None]
    if missing:
        raise SystemExit(f"The taxonomy has no topic for: {', '.join(missing)}.")
    places = sorted({slug for slug in slugs.values() if slug})
    rest = others(frozenset(klout))
    features = features_of([title.text for title in titles] + rest)
    topic = [places.index(str(slugs[title.klout])) for title in titles] + [-1] * len(rest)
    part = [title.part for title in titles] + [-1] * len(rest)
    print(f"{len(titles):,} titles of {len(places)} topics, {len(rest):,} posts about none of them")
    return Texts(features, np.array(topic), np.array(part)), places


def rarity(texts: Texts, learn: NDArray[np.bool_]) -> tuple[NDArray[np.uint32], Floats]:
    """Return the keys that are learned, and how rare each is (inverse document frequency)."""
    seen = learn[texts.features.text]
    keys, first, times = np.unique(texts.features.key[seen], return_index=True, return_counts=True)
    kind = texts.features.kind[seen][first]
    keep = times >= np.array([LEAST[one] for one in sorted(LEAST)])[kind]
    idf = np.log((1 + learn.sum()) / (1 + times[keep])) + 1
    return keys[keep], (np.round(idf / IDF_STEP) * IDF_STEP).astype(np.float32)


def matrix(texts: Texts, keys: NDArray[np.uint32], idf: Floats) -> csr_matrix:
    """Return a row a text, a column a key."""
    text, at, value = vectors(texts.features, keys, idf)
    return csr_matrix((value, (text, at)), shape=(len(texts.topic), len(keys)))


def bayes(table: csr_matrix, topic: Array, topics: int) -> Floats:
    """Return complement naive Bayes weights, (keys, topics)."""
    is_about = np.zeros((table.shape[0], topics), np.float32)
    is_about[np.flatnonzero(topic >= 0), topic[topic >= 0]] = 1
    inside = np.asarray(table.T @ is_about)
    outside = inside.sum(axis=1, keepdims=True) - inside + SMOOTHING
    learned = -np.log(outside / outside.sum(axis=0))
    learned /= np.abs(learned).sum(axis=0)
    return np.asarray(learned - learned.mean(axis=1, keepdims=True), np.float32)


def fit(table: csr_matrix, topic: Array, topics: int) -> tuple[Floats, Floats]:
    """Return (weights, bias): a linear support vector machine, helped by naive Bayes."""
    machine = LinearSVC(C=REGULAR, tol=0.02, max_iter=25, random_state=1).fit(table, topic)
    kept = machine.classes_ >= 0
    learned = machine.coef_[kept].T.astype(np.float32)
    helped = bayes(table, topic, topics)
    sample = table[:: max(1, table.shape[0] // 4_000)]
    scale = np.std(sample @ learned) / np.std(sample @ helped)
    return learned + MIXED * scale * helped, machine.intercept_[kept].astype(np.float32)


def pruned(learned: Floats) -> tuple[NDArray[np.int8], float]:
    """Return the largest weights as whole numbers, and what 1 stands for; the others are 0."""
    least = np.partition(np.abs(learned), -ENTRIES, axis=None)[-ENTRIES]
    step = float(np.quantile(np.abs(learned[np.abs(learned) >= least]), 0.999)) / 127
    whole = np.clip(np.round(learned / step), -127, 127)
    whole[np.abs(learned) < least] = 0
    return whole.astype(np.int8), step


def calibrated(scores: Floats, topic: Array) -> Floats:
    """Return the constants of `confidence` that fit how often the best topic was right."""
    second, best = np.partition(scores, -2, axis=1)[:, -2:].T
    told = np.column_stack((best, best - second))
    model = LogisticRegression(C=100.0).fit(told, scores.argmax(axis=1) == topic)
    return np.array([model.intercept_[0], *model.coef_[0]], np.float32)


def learned_from(
    texts: Texts, learn: NDArray[np.bool_], topics: int
) -> tuple[NDArray[np.uint32], Floats, NDArray[np.int8], float, Floats]:
    """Return keys, rarity, whole weights, their step and the bias."""
    keys, idf = rarity(texts, learn)
    table = matrix(texts, keys, idf)[learn]
    learned, bias = fit(table, texts.topic[learn], topics)
    whole, step = pruned(learned)
    used = np.any(whole != 0, axis=1)
    print(f"  {len(keys):,} features, {used.sum():,} kept, {np.count_nonzero(whole):,} weights")
    return keys[used], idf[used], whole[used], step, bias


def write(path: Path, keys: NDArray[np.uint32], idf: Floats, whole: NDArray[np.int8],
          step: float, bias: Floats, slugs: list[str], sure: Floats) -> None:  # fmt: skip
    """Write what scoring.engine.topics.weights reads."""
    row, topic = np.nonzero(whole)
    np.savez_compressed(
        path,
        gaps=np.diff(keys, prepend=np.uint32(0)),
        idf=np.round(idf / IDF_STEP).astype(np.uint8),
        many=np.bincount(row, minlength=len(keys)).astype(np.uint8),
        topics=topic.astype(np.uint8),
        values=whole[row, topic],
        step=np.float32(step),
        bias=bias,
        slugs=np.array(slugs),
        sure=sure,
        sources=np.array(SOURCES),
    )
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Learn without the calibrating part, calibrate on it, learn with it, write."""
    parser = argparse.ArgumentParser(description="Learn the weights of wording for topics.")
    parser.add_argument("--out", type=Path, default=FILE)
    out = parser.parse_args().out
    texts, slugs = read()
    aside = (texts.part == data.CALIBRATING) | (
        (texts.part < 0) & (np.arange(len(texts.part)) % data.PARTS == 0)
    )
    keys, idf, whole, step, bias = learned_from(texts, ~aside, len(slugs))
    table = matrix(texts, keys, idf)[aside]
    scores = np.asarray(table @ (whole.astype(np.float32) * step) + bias, np.float32)
    right, titles = scores.argmax(axis=1) == texts.topic[aside], texts.part[aside] >= 0
    sure = calibrated(scores, texts.topic[aside])
    print(f"  calibrating part: {right[titles].mean():.4f} right, constants {sure.round(3)}")
    print(f"  mean confidence of titles {confidence(scores, sure)[titles].mean():.3f}, of others "
          f"{confidence(scores, sure)[~titles].mean():.3f}")  # fmt: skip
    write(out, *learned_from(texts, np.ones(len(aside), bool), len(slugs)), slugs, sure)


if __name__ == "__main__":
    main()
