"""Single titles: how often the one topic a title was filed under is found."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from benchmarks import _topic_data as data
from scoring.engine.topics.assign import BATCH, Assigned, assign, named_features
from scoring.engine.topics.features import featurise
from scoring.engine.topics.matching import Matcher
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.topics.weights import weights

Right = NDArray[np.bool_]
Scores = NDArray[np.float32]


def titles() -> None:
    """Print the tables about titles of reddit_topics."""
    every = data.titles()
    learned = [title for title in every if title.part != data.REPORTED]
    reported = [title for title in every if title.part == data.REPORTED]
    print(f"Titles: {len(learned):,} to learn from, {len(reported):,} reported (hash of the id)")
    print(f"{'top-1 over 162 topics':<34} {'right':>7} {'surest half':>12} {'quarter':>8}")
    scores = engine_scores(reported)
    slugs = weights().slugs
    right = np.array([slugs[one] for one in scores.argmax(axis=1)]) == _ours(reported)
    print_line("ours, reported part", right, weights().confidence(scores))
    seen = learned[::9]
    seen_scores = engine_scores(seen)
    seen_right = np.array([slugs[one] for one in seen_scores.argmax(axis=1)]) == _ours(seen)
    print_line("ours, titles learned from", seen_right, weights().confidence(seen_scores))
    _rivals(learned, reported)
    _assigned(reported)
    _by_month(reported, right)
    _by_topic(reported, right)
    _confused(reported, scores, slugs)


def engine_scores(titles: Sequence[data.Title]) -> Scores:
    """Return how much the wording of each title speaks for each learned topic."""
    matcher, tree, found = Matcher(taxonomy()), taxonomy(), []
    for start in range(0, len(titles), BATCH):
        batch = [title.text for title in titles[start : start + BATCH]]
        named = [named_features(matcher.matches(text, "en"), tree) for text in batch]
        found.append(weights().scores(featurise(batch, named), len(batch)))
    return np.concatenate(found)


def _ours(titles: Sequence[data.Title]) -> NDArray[np.str_]:
    return np.array([data.ours(title.klout) or "" for title in titles])


def print_line(name: str, right: Right, sure: Scores) -> None:
    """Print the part that is right: of all, of the half and of the quarter it is surest of."""
    order = np.argsort(-sure, kind="stable")
    half, quarter = order[: len(order) // 2], order[: len(order) // 4]
    print(
        f"{name:<34} {right.mean():>7.3f} {right[half].mean():>12.3f} {right[quarter].mean():>8.3f}"
    )


def _rivals(learned: Sequence[data.Title], reported: Sequence[data.Title]) -> None:
    """Print what TF-IDF with naive Bayes and with a linear SVC make of the same split."""
    known, told = [one.klout for one in learned], np.array([one.klout for one in reported])
    for name, pairs, model in (
        ("TF-IDF, complement naive Bayes", (1, 1), ComplementNB()),
        ("TF-IDF of words and pairs, SVC", (1, 2), LinearSVC(C=0.5, tol=0.01)),
    ):
        stop = "english" if isinstance(model, ComplementNB) else None
        table = TfidfVectorizer(sublinear_tf=True, ngram_range=pairs, stop_words=stop)
        model.fit(table.fit_transform([one.text for one in learned]), known)
        made = table.transform([one.text for one in reported])
        bayes = isinstance(model, ComplementNB)
        scores = model.predict_proba(made) if bayes else model.decision_function(made)
        second, best = np.partition(scores, -2, axis=1)[:, -2:].T
        print_line(name, model.classes_[scores.argmax(axis=1)] == told, best - second)


def _assigned(reported: Sequence[data.Title]) -> None:
    """Print what `assign` says, which may be nothing."""
    found = assign([one.text for one in reported], [""] * len(reported), sensitive=True)
    wanted = _ours(reported)
    known = set(weights().slugs)
    some = [(topics, want) for topics, want in zip(found, wanted, strict=True) if topics]
    among = [(topics, want) for topics, want in some if {one.slug for one in topics} & known]
    first = np.array([topics[0].slug == want for topics, want in some])
    print(f"\nassign(): a topic for {len(some) / len(found):.2f} of the titles")
    print(f"  the first is the title's own    {first.mean():.3f}")
    print(f"  the title's own is among them   {_among(some):.3f}")
    print(f"  or it is above or below one     {np.mean([_near(*one) for one in some]):.3f}")
    print(f"  where any of the 162 is given   {_among(among):.3f}")
    strong = sorted(some, key=lambda one: -one[0][0].share)[: len(some) // 2]
    print(f"  the half with the largest share {_among(strong):.3f}")


def _among(some: Sequence[tuple[tuple[Assigned, ...], str]]) -> float:
    return float(np.mean([any(one.slug == want for one in topics) for topics, want in some]))


def _near(topics: tuple[Assigned, ...], want: str) -> bool:
    tree = taxonomy()
    return any(
        one.slug == want or want in tree.ancestors(one.slug) or one.slug in tree.ancestors(want)
        for one in topics
    )


def _by_month(reported: Sequence[data.Title], right: Right) -> None:
    years: dict[str, list[bool]] = defaultdict(list)
    for title, one in zip(reported, right.tolist(), strict=True):
        years[title.month if title.month >= "2012-07" else title.month[:4]].append(one)
    print("\nBy month, reported part (whole years before July 2012): right, of how many")
    cells = [
        f"{month:<7} {np.mean(ones):.2f} {len(ones):>5}" for month, ones in sorted(years.items())
    ]
    _in_columns(cells, 4)


def _by_topic(reported: Sequence[data.Title], right: Right) -> None:
    topics: dict[str, list[bool]] = defaultdict(list)
    for title, one in zip(reported, right.tolist(), strict=True):
        topics[title.klout].append(one)
    ranked = sorted(topics.items(), key=lambda item: (-np.mean(item[1]), item[0]))
    print("\nBy topic, reported part, the best first: right, of how many")
    _in_columns(
        [f"{topic[:24]:<24} {np.mean(ones):.2f} {len(ones):>3}" for topic, ones in ranked], 3
    )


def _confused(reported: Sequence[data.Title], scores: Scores, slugs: Sequence[str]) -> None:
    pairs = Counter(
        (want, slugs[best])
        for want, best in zip(_ours(reported).tolist(), scores.argmax(axis=1).tolist(), strict=True)
        if slugs[best] != want
    )
    print("\nMost often taken for another: topic -> taken for, titles")
    cells = [f"{want} -> {said} {times}" for (want, said), times in pairs.most_common(24)]
    _in_columns([f"{cell:<44}" for cell in cells], 2)


def _in_columns(cells: Sequence[str], columns: int) -> None:
    """Print cells down one column, then down the next."""
    rows = -(-len(cells) // columns)
    for row in range(rows):
        print("  " + "   ".join(cells[row::rows]))
