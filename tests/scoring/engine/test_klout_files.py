"""Klout's topic files become a taxonomy of ours and back, and lose nothing that both can hold."""

import gzip
import os
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scoring.engine.topics import klout_files, klout_import
from scoring.engine.topics.klout_files import KloutTopic, of_taxonomy, read_ontology, write_ontology
from scoring.engine.topics.klout_import import read_kept, write_taxonomy
from scoring.engine.topics.rows import TaxonomyError
from scoring.engine.topics.taxonomy import Taxonomy, Topic, load, taxonomy

pytestmark = pytest.mark.one_engine

DATA_SETS = Path(
    os.environ.get("KLOUTSITE_DATA_SETS", settings.BASE_DIR.parent / "shared" / "data")
)
REAL = DATA_SETS / "klout_opendata"

ONTOLOGY = "topicId,topicSlug,topicDisplayName,wikiItemId,freebaseMachineId"
EDGES = "parentTopicId,parentTopicSlug,childTopicId,childTopicSlug"
TOPICS = (
    "18446744073709551617,arts-super,Arts,Q1,0aa",
    "7,CSI:-night,Night,,",
    "8,night,Night,,",
)
WAYS = (
    "0,_ROOT_,0,_ROOT_",
    "0,_ROOT_,18446744073709551617,arts-super",
    "18446744073709551617,arts-super,7,CSI:-night",
    "7,CSI:-night,8,night",
)


def theirs(
    at: Path, *, topics: tuple[str, ...] = TOPICS, ways: tuple[str, ...] = WAYS, edges: str = EDGES
) -> Path:
    """Write their three files; Arts and its field have German names."""
    at.mkdir(parents=True, exist_ok=True)
    names = ("18446744073709551617,de,Künste", "7,de,Nacht")
    display = "\n".join(("topicId,language,topicDisplayName", *names))
    (at / "topic_ontology_2018.csv").write_text("\n".join((ONTOLOGY, *topics)) + "\n")
    (at / "topic_display_2018.csv.gz").write_bytes(gzip.compress(display.encode()))
    (at / "topic_edges_2018.csv").write_text("\n".join((edges, *ways)) + "\n")
    return at


def mistakes(at: Path) -> str:
    """Return what is wrong with their files."""
    with pytest.raises(TaxonomyError) as caught:
        read_ontology(at)
    return str(caught.value)


@st.composite
def taxonomies(draw: st.DrawFn) -> Taxonomy:
    """Draw a taxonomy: any names, any parents that fit, the German and Spanish names drawn."""
    words = st.text(
        st.characters(exclude_categories=("C", "Z"), exclude_characters=";|"),
        min_size=1,
        max_size=8,
    )
    slugs = draw(
        st.lists(st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True),
                 min_size=3, max_size=14, unique=True)
    )  # fmt: skip
    slugs = [slug for slug in slugs if slug not in ("klout", "sensitive", "ambiguous")]
    areas, fields = slugs[:1], slugs[1:3]
    made: dict[str, Topic] = {}
    for slug in slugs:
        level = "area" if slug in areas else "field" if slug in fields else "topic"
        below = [one for one, topic in made.items() if topic.level != "area"]
        above = areas if level == "field" else [] if level == "area" else below or areas
        parents = (
            draw(st.lists(st.sampled_from(above), min_size=1, max_size=3, unique=True))
            if above
            else []
        )
        level = "field" if parents[:1] == areas else level
        names = {one: draw(words) for one in ("de", "es")}
        made[slug] = Topic(slug, level, tuple(parents), draw(words), names=names)
    return Taxonomy(made, "drawn")


@hypothesis_settings(max_examples=50)
@given(drawn=taxonomies())
def test_a_taxonomy_comes_back_the_same_from_their_files(drawn: Taxonomy) -> None:
    with tempfile.TemporaryDirectory() as name:
        there, back = Path(name) / "there", Path(name) / "back"
        there.mkdir()
        back.mkdir()

        write_ontology(of_taxonomy(drawn), there)
        write_taxonomy(read_ontology(there), back)
        again = load(back)

    assert again.topics.keys() == drawn.topics.keys()
    for slug, topic in drawn.topics.items():
        same = again.topics[slug]
        assert (same.level, same.parents, same.name) == (topic.level, topic.parents, topic.name)
        assert same.names == topic.names


def test_the_bundled_taxonomy_comes_back_with_every_topic_parent_and_name(tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    back.mkdir()

    call_command("topics_export", there, stdout=StringIO())
    write_taxonomy(read_ontology(there), back)

    again = load(back)
    assert again.topics.keys() == taxonomy().topics.keys()
    for slug, topic in taxonomy().topics.items():
        same = again.topics[slug]
        assert (same.level, same.parents, same.name) == (topic.level, topic.parents, topic.name)
        assert same.names == topic.names


def test_an_import_keeps_ids_beyond_64_bits_odd_slugs_and_marks_for_the_way_back(
    tmp_path: Path,
) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    out = StringIO()

    call_command("topics_import", theirs(tmp_path / "klout"), into=there, stdout=out)
    call_command("topics_export", back, taxonomy=there, stdout=out)

    before, after = read_ontology(tmp_path / "klout"), read_ontology(back)
    assert out.getvalue().startswith(f"3 topics written to {there} and checked.")
    assert after == before
    assert load(there).topics["arts-super"].names == {"de": "Künste"}
    assert before["18446744073709551617"] == KloutTopic(
        id="18446744073709551617",
        slug="arts-super",
        name="Arts",
        parents=("0",),
        names={"en": "Arts", "de": "Künste"},
        wiki="Q1",
        freebase="0aa",
    )


def test_a_slug_that_is_none_of_ours_becomes_one_and_display_names_that_repeat_get_rules(
    tmp_path: Path,
) -> None:
    write_taxonomy(read_ontology(theirs(tmp_path / "klout")), tmp_path)

    loaded = load(tmp_path)
    assert loaded.topics["csi-night"].level == "field"
    assert loaded.topics["night"].parents == ("csi-night",)
    assert set(loaded.topics["csi-night"].senses["night"].needs) == {"arts", "csi"}
    assert "night" in loaded.topics["night"].senses
    assert read_kept(tmp_path)["csi-night"].slug == "CSI:-night"


def test_the_column_that_the_original_files_misspell_is_read(tmp_path: Path) -> None:
    misspelt = EDGES.replace("parentTopicSlug", "parrentTopicSlug")

    assert read_ontology(theirs(tmp_path, edges=misspelt)).keys() == {
        "18446744073709551617",
        "7",
        "8",
    }


def test_a_topic_that_only_the_edges_name_is_taken_with_its_slug(tmp_path: Path) -> None:
    ways = (*WAYS, "18446744073709551617,arts-super,9,folk-art")

    found = read_ontology(theirs(tmp_path, ways=ways))["9"]

    assert (found.slug, found.name) == ("folk-art", "Folk art")


@pytest.mark.parametrize(
    ("topics", "ways", "said"),
    [
        ((*TOPICS, "x1,new,New,,"), WAYS, "topic_ontology_2018.csv, line 5: The id 'x1' is no"),
        ((*TOPICS, "8,new,New,,"), WAYS, "line 5: The id '8' stands on line 4 already"),
        ((*TOPICS, "9,night,New,,"), WAYS, "line 5: The slug 'night' stands on line 4 already"),
        ((*TOPICS, "9,new,,,"), WAYS, "line 5: The slug or the display name is empty"),
        ((*TOPICS, "9,new,New,"), WAYS, "line 5: 4 cells stand where 5 belong"),
        (TOPICS, (*WAYS, "7,night,8,night"), "topic_edges_2018.csv, line 6: The parent's slug"),
        (TOPICS, (*WAYS, "8,night,0,_ROOT_"), "line 6: The root stands below a topic"),
        (TOPICS, (*WAYS, "8.1e3,night,7,night"), "line 6: An id is no number"),
    ],
)
def test_a_mistake_in_their_files_is_said_with_file_line_and_reason(
    tmp_path: Path, topics: tuple[str, ...], ways: tuple[str, ...], said: str
) -> None:
    assert said in mistakes(theirs(tmp_path, topics=topics, ways=ways))


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (WAYS[:3], "'night' has no parent"),
        ((*WAYS, "8,night,7,CSI:-night"), "'CSI:-night' goes in a circle"),
        ((*WAYS, "0,_ROOT_,8,night"), "'night' stands below the root and below others"),
    ],
)
def test_edges_that_no_taxonomy_can_hold_are_refused(
    tmp_path: Path, ways: tuple[str, ...], said: str
) -> None:
    at = theirs(tmp_path / "klout", ways=ways)

    with pytest.raises(CommandError) as caught:
        call_command("topics_import", at, into=tmp_path / "there")

    assert said in str(caught.value)


def test_missing_files_and_broken_archives_are_named(tmp_path: Path) -> None:
    at = theirs(tmp_path)
    (at / "topic_ontology_2018.csv").unlink()
    (at / "topic_display_2018.csv.gz").write_bytes(b"\x1f\x8bnothing")

    said = mistakes(at)

    assert "topic_ontology*.csv, line 1: There is none" in said
    assert "topic_display_2018.csv.gz, line 1: The file cannot be unpacked" in said


def test_an_import_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")

    with pytest.raises(CommandError, match="is not empty"):
        call_command("topics_import", theirs(tmp_path / "klout"), into=tmp_path)

    assert (tmp_path / "mine.txt").read_text() == "kept"


@pytest.mark.skipif(not REAL.is_dir(), reason="the published ontology is not beside the repository")
def test_the_published_ontology_becomes_a_taxonomy_and_comes_back_whole(tmp_path: Path) -> None:
    published = klout_files.read_ontology(REAL)

    klout_import.write_taxonomy(published, tmp_path)
    loaded = load(tmp_path)
    back = of_taxonomy(loaded, read_kept(tmp_path))

    assert len(loaded.topics) == len(published) > 8000
    assert len(loaded.areas) == 16
    assert back.keys() == published.keys()
    for own, topic in published.items():
        assert set(back[own].parents) == set(topic.parents)
        assert (back[own].slug, back[own].name) == (topic.slug, topic.name)
        assert back[own].names == topic.names


def test_a_field_that_lacks_a_name_in_a_language_is_given_the_english_one(tmp_path: Path) -> None:
    ways = (*WAYS, "18446744073709551617,arts-super,9,folk-art")

    write_taxonomy(read_ontology(theirs(tmp_path / "klout", ways=ways)), tmp_path)

    assert load(tmp_path).topics["folk-art"].names == {"de": "Folk art"}
