"""Learned weights: what stands in a text, what it speaks for, and the file that comes with us."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.topics.assign import assign
from scoring.engine.topics.features import NAMED, PAIR, PIECE, WORD, featurise, key_of
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.topics.weights import FILE, Weights, confidence, load, weights

pytestmark = pytest.mark.one_engine

MB = 2**20


def said(text: str, batch: list[str], at: int) -> bool:
    """Whether a text has the same features alone and as one of a batch."""
    alone, beside = featurise([text]), featurise(batch)
    mine = beside.text == at
    return np.array_equal(alone.key, beside.key[mine]) and np.array_equal(
        alone.count, beside.count[mine]
    )


def model(slugs: tuple[str, ...], rows: dict[int, dict[int, int]]) -> Weights:
    """Weights of 0.1 a step, from key -> place of topic -> value."""
    keys = sorted(rows)
    many = [len(rows[key]) for key in keys]
    return Weights(
        keys=np.array(keys, np.uint32),
        idf=np.ones(len(keys), np.float32),
        starts=np.concatenate(([0], np.cumsum(many))).astype(np.int64),
        topics=np.array([at for key in keys for at in rows[key]], np.uint8),
        values=np.array([one for key in keys for one in rows[key].values()], np.int8),
        step=0.1,
        bias=np.zeros(len(slugs), np.float32),
        slugs=slugs,
        sure=(0.0, 1.0, 1.0),
        digest="",
    )


def key_of_word(word: str) -> int:
    found = featurise([word])
    (key,) = found.key[found.kind == WORD].tolist()
    return int(key)


def test_a_text_is_taken_apart_into_words_pairs_and_pieces() -> None:
    found = featurise(["Blue sky"])

    kinds = [int((found.kind == kind).sum()) for kind in (WORD, PAIR, PIECE)]
    assert kinds == [2, 1, (4 + 3 + 2) + (3 + 2 + 1)]
    assert set(found.text.tolist()) == {0}


def test_case_accents_links_and_accounts_make_no_difference() -> None:
    plain, other = featurise(["cafe sky"]), featurise(["CAFÉ @someone sky https://example.org/x"])

    assert plain.key.tolist() == other.key.tolist()


@given(texts=st.lists(st.text(max_size=80), max_size=5))
def test_a_text_has_the_same_features_in_any_company(texts: list[str]) -> None:
    assert all(said(text, texts, at) for at, text in enumerate(texts))


def test_named_features_stand_beside_the_wording() -> None:
    found = featurise(["sky", ""], [{}, {"name:python": 1.5}])

    named = found.kind == NAMED
    assert found.key[named].tolist() == [key_of("name:python")]
    assert (found.text[named].tolist(), found.count[named].tolist()) == ([1], [1.5])


def test_each_known_feature_adds_what_it_weighs() -> None:
    learned = model(("sky", "sea"), {key_of_word("blue"): {0: 20, 1: -10}})

    scores = learned.scores(featurise(["blue", "a green one", ""]), 3)

    assert scores.round(5).tolist() == [[2.0, -1.0], [0.0, 0.0], [0.0, 0.0]]


def test_a_topic_is_surer_the_further_it_is_ahead() -> None:
    scores = np.array([[1, 0], [2, 0], [2, 1.5]], np.float32)

    sure = confidence(scores, np.array([-1, 0.5, 1], np.float32))

    assert sure[0] < sure[1]
    assert sure[2] < sure[1]
    assert ((sure > 0) & (sure < 1)).all()


def test_the_file_is_small_and_holds_no_words() -> None:
    assert FILE.stat().st_size < 3 * MB

    with np.load(FILE, allow_pickle=False) as file:
        texts = {name for name in file.files if file[name].dtype.kind not in "uif"}
        sources = str(file["sources"])
    assert texts == {"slugs", "sources"}
    assert "reddit_topics" in sources


def test_the_weights_take_little_memory_and_know_topics_that_exist() -> None:
    learned = load(FILE)

    arrays = (learned.keys, learned.idf, learned.starts, learned.topics, learned.values)
    assert sum(array.nbytes for array in arrays) < 60 * MB
    assert [slug for slug in learned.slugs if taxonomy().get(slug) is None] == []


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "weights.npz"
    broken.write_bytes(b"nothing of the kind")

    with pytest.raises((OSError, ValueError)):
        load(broken)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Fed my sourdough starter, the loaf rose twice as high in the oven", "baking"),
        ("Our Django app got new migrations and a faster ORM query today", "django"),
        ("Cast on 80 stitches for a new sweater, the yarn is merino wool", "knitting"),
        ("Saturn's rings through my new telescope last night, what clear skies", "astronomy"),
    ],
)
def test_what_a_post_is_about_is_found(text: str, slug: str) -> None:
    (found,) = assign([text], [""])

    above = {broader for one in found for broader in taxonomy().ancestors(one.slug)}
    assert slug in {one.slug for one in found} | above


@pytest.mark.parametrize(
    "text",
    [
        "I am so tired today and only want to go to bed",
        "Thank you all so much for the kind words, it means a lot to me",
        "lol ok see you later then",
        "Does anybody know what time it is over there",
    ],
)
def test_small_talk_is_about_nothing(text: str) -> None:
    assert assign([text], [""]) == [()]


def test_texts_and_languages_must_be_equally_many() -> None:
    with pytest.raises(ValueError, match="2 texts have 1 languages"):
        assign(["one", "two"], ["en"])


@settings(max_examples=50)
@given(
    texts=st.lists(st.text(max_size=300) | st.sampled_from(["#" * 900, "a " * 5_000]), max_size=4)
)
def test_any_texts_get_sound_topics(texts: list[str]) -> None:
    found = assign(texts, [""] * len(texts))

    assert len(found) == len(texts)
    for topics in found:
        assert len(topics) <= 3
        assert sum(one.share for one in topics) <= 1
        assert not any(taxonomy().topics[one.slug].sensitive for one in topics)


def test_the_weights_are_read_once() -> None:
    assert weights() is weights()
