"""The bundled taxonomy holds no mistake, and a mistake in any taxonomy is said with its line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scoring.engine.topics.naming import Sense
from scoring.engine.topics.rows import TaxonomyError
from scoring.engine.topics.taxonomy import LANGUAGES, load, taxonomy
from tests.scoring.engine.taxonomies import HEADER, SOUND, folder

pytestmark = pytest.mark.one_engine

AREA, FIELD = SOUND[:2]


def mistakes(at: Path) -> list[str]:
    """Return what the checker says."""
    with pytest.raises(TaxonomyError) as caught:
        load(at)
    return list(caught.value.mistakes)


def only(at: Path) -> str:
    """Return the only mistake there is."""
    [mistake] = mistakes(at)
    return mistake


def test_the_bundled_taxonomy_is_sound_and_as_large_as_announced() -> None:
    levels = [topic.level for topic in taxonomy().topics.values()]

    assert levels.count("area") == 16
    assert levels.count("field") >= 150
    assert levels.count("topic") >= 800


def test_every_bundled_area_and_field_has_a_name_in_every_language_and_fields_have_topics() -> None:
    broad = [topic for topic in taxonomy().topics.values() if topic.level != "topic"]

    assert [topic.slug for topic in broad if set(topic.names) != set(LANGUAGES)] == []
    assert [topic.slug for topic in broad if not taxonomy().children(topic.slug)] == []


@pytest.mark.parametrize("word", ["apple", "python", "java", "turkey", "jaguar", "halo", "rust"])
def test_words_with_several_senses_have_a_rule_wherever_the_bundled_files_use_them(
    word: str,
) -> None:
    for topic in taxonomy().topics.values():
        spelt = [name.removeprefix("=").casefold() for name in (topic.name, *topic.aliases)]

        assert word not in spelt or word in topic.senses, topic.slug


def test_a_topic_is_read_with_everything_that_stands_in_its_row(tmp_path: Path) -> None:
    names = "slug,de,es,fr,pt\nmusic,Musik,Música,Musique,Música\nrock,Rock,Rock,Rock,Rock\n"

    loaded = load(folder(tmp_path, *SOUND, names=names, sensitive="slug\nrock\n"))

    halo = loaded.topics["halo"]
    assert halo.parents == ("rock",)
    assert halo.aliases == ("=HLO", "halo band")
    assert halo.terms == ("chorus",)
    assert halo.senses == {"halo": Sense(needs=("singer",), bars=("video game",))}
    assert halo.sensitive
    assert not loaded.topics["music"].sensitive
    assert loaded.ancestors("halo") == {"rock", "music"}
    assert loaded.children("music") == ("rock",)
    assert loaded.name("music", "pt-BR") == "Música"
    assert loaded.name("halo", "de") == "Halo"
    assert loaded.get("nothing") is None


def test_names_with_a_bar_between_them_share_a_rule(tmp_path: Path) -> None:
    row = "ska,topic,rock,Ska,two tone; =SKA PUNK,,ska | two tone: +brass | ska punk: -skate"

    said = mistakes(folder(tmp_path, AREA, FIELD, row))
    shared = load(folder(tmp_path, AREA, FIELD, row.replace(" | ska punk: -skate", "")))

    assert "is no rule" in said[0]
    assert shared.topics["ska"].senses == {
        "ska": Sense(needs=("brass",), bars=()),
        "two tone": Sense(needs=("brass",), bars=()),
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Ska Music,topic,rock,Ska,,,", "The slug 'Ska Music' is none"),
        (",topic,rock,Ska,,,", "The cell slug is empty"),
        ("ska,topic,rock,,,,", "The cell name is empty"),
        ("ska,,rock,Ska,,,", "The cell level is empty"),
        ("ska,genre,rock,Ska,,,", "The level 'genre' is unknown"),
        ("rock,topic,rock,Ska,,,", "The slug 'rock' stands on line 3 of music.csv already"),
        ("ska,topic,,Ska,,,", "No parent is named"),
        ("ska,topic,jazz,Ska,,,", "The parent 'jazz' is unknown"),
        ("ska,topic,rock rock,Ska,,,", "The parent 'rock' stands here twice"),
        ("ska,topic,music,Ska,,,", "The first parent, 'music', is no field or topic of this file"),
        ("ska,topic,rock music,Ska,,,", "'music' is an area"),
        ("ska,field,rock,Ska,,,", "The first parent, 'rock', is no area of this file"),
        ("ska,area,music,Ska,,,", "An area has no parents"),
        ("ska,topic,ska,Ska,,,", "The parents go in a circle: ska > ska."),
        ("ska,topic,rock,Ska,two tone; Two  Tone,,", "'two tone' is this topic's name or alias"),
        ("ska,topic,rock,Ska,two tone; ; skank,,", "An entry of aliases is empty"),
        ("ska,topic,rock,Ska,,brass; Brass,", "The term 'brass' stands here twice"),
        ("ska,topic,rock,Ska,,,ska +band", "'ska +band' is no rule"),
        ("ska,topic,rock,Ska,,,ska: band", "'ska: band' is no rule"),
        ("ska,topic,rock,Ska,,,polka: +band", "The rule is about 'polka'"),
        ("ska,topic,rock,Ska,,,ska: +band -band", "The rule for 'ska' needs and bars 'band'"),
        ("ska,topic,rock,Ska,,", "6 cells stand where 7 belong"),
        ("ska,topic,rock,Ska,,,,", "8 cells stand where 7 belong"),
        ('ska,topic,rock,"Ska"!,,,', "This row cannot be read"),
        ('ska,topic,rock,"Ska,,,', "This row cannot be read"),
    ],
)
def test_a_mistake_in_a_row_is_said_with_file_line_and_reason(
    tmp_path: Path, row: str, said: str
) -> None:
    found = mistakes(folder(tmp_path, AREA, FIELD, row))

    assert any(one.startswith("music.csv, line 4: ") and said in one for one in found), found


def test_a_circle_of_parents_is_shown_as_the_way_round(tmp_path: Path) -> None:
    rows = ("ska,topic,rock dub,Ska,,,", "dub,topic,rock ska,Dub,,,")

    mistake = only(folder(tmp_path, AREA, FIELD, *rows))

    assert "line 5: The parents go in a circle: ska > dub > ska." in mistake


def test_a_name_that_two_topics_have_needs_a_rule_on_each(tmp_path: Path) -> None:
    rows = ("halo,topic,rock,Halo,,,halo: +singer", "rings,topic,rock,Rings of light,halo,,")

    mistake = only(folder(tmp_path, AREA, FIELD, *rows))

    assert mistake.startswith("music.csv, line 5: 'halo' is also a name or alias on line 4 of")
    assert "halo: +word -word" in mistake


def test_names_that_differ_in_accents_and_hyphens_alone_are_one_name(tmp_path: Path) -> None:
    rows = ("ska,topic,rock,Café-Ska,,,", "dub,topic,rock,Dub,cafe ska,,")

    found = mistakes(folder(tmp_path, AREA, FIELD, *rows))

    assert "line 4: 'café-ska' is also a name or alias on line 5" in found[0]
    assert "line 5: 'cafe ska' is also a name or alias on line 4" in found[1]


def test_a_word_listed_as_ambiguous_needs_a_rule_though_one_topic_has_it(tmp_path: Path) -> None:
    mistake = only(
        folder(tmp_path, AREA, FIELD, "halo,topic,rock,Halo,,,", ambiguous="word\nHalo\n")
    )

    assert mistake.startswith("music.csv, line 4: 'halo' is a word with other meanings")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("slug,de\nmusic,Musik\n", "music.csv, line 3: 'rock' has no row in names/music.csv"),
        ("slug,de\nmusic,Musik\nrock,\n", "names/music.csv, line 3: 'rock' has no name in 'de'"),
        ("slug,de\nmusic,Musik\nrok,Rock\n", "names/music.csv, line 3: The slug 'rok' is unknown"),
        (
            "slug,de\nmusic,M\nmusic,M\nrock,R\n",
            "names/music.csv, line 3: 'music' stands on line 2",
        ),
        ("slug,de,de\nmusic,M,M\nrock,R,R\n", "names/music.csv, line 1: The first line must name"),
        (
            "slug,de,aliases\nmusic,M,fr:Musique\nrock,R,\n",
            "names/music.csv, line 2: The alias 'fr:Musique' does not say of which language",
        ),
        (
            "slug,de,aliases\nmusic,M,Lieder\nrock,R,\n",
            "names/music.csv, line 2: The alias 'Lieder' does not say of which language",
        ),
        (
            "slug,de,aliases\nmusic,M,de:\nrock,R,\n",
            "names/music.csv, line 2: The alias 'de:' does not say of which language",
        ),
        (
            "slug,de,aliases\nmusic,M,de:rock\nrock,Rock,\n",
            "names/music.csv, line 2: 'rock' is a name in 'de' on line 3",
        ),
        (
            "slug,de,aliases\nmusic,M,de:Lied\nrock,R,de:Lied\n",
            "names/music.csv, line 3: 'Lied' is a name in 'de' on line 2",
        ),
        (
            "slug,de,aliases\nmusic,Musik,de:musik\nrock,R,\n",
            "names/music.csv, line 2: 'musik' is the name that is shown",
        ),
        ("slug\nmusic\nrock\n", "names/music.csv, line 1: The first line must name"),
        ("slug,Deutsch\nmusic,M\nrock,R\n", "names/music.csv, line 1: The first line must name"),
    ],
)
def test_a_mistake_in_the_names_is_said_with_its_line(
    tmp_path: Path, names: str, said: str
) -> None:
    found = mistakes(folder(tmp_path, AREA, FIELD, names=names))

    assert any(one.startswith(said) for one in found), found


def test_a_sensitive_slug_that_no_file_has_is_a_mistake(tmp_path: Path) -> None:
    mistake = only(folder(tmp_path, AREA, FIELD, sensitive="slug\nrock\npolka\n"))

    assert mistake.startswith("sensitive.csv, line 3: The slug 'polka' is unknown")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    at = folder(tmp_path, AREA, FIELD)
    (at / "arts.csv").write_bytes(f"{HEADER}\narts,area,,Caf\xe9,,,\n".encode("latin-1"))

    assert only(at) == "arts.csv, line 2: This is not UTF-8 text. Save the file as UTF-8."


def test_a_file_with_another_first_line_is_told_what_belongs_there(tmp_path: Path) -> None:
    at = folder(tmp_path, AREA, FIELD)
    (at / "arts.csv").write_text("slug,name\narts,Arts\n", encoding="utf-8")

    assert only(at).startswith(f"arts.csv, line 1: The first line must name the columns: {HEADER}")


def test_a_folder_without_files_is_said_to_be_none(tmp_path: Path) -> None:
    assert "There is no area's file here" in only(tmp_path)


def test_every_mistake_is_said_at_once_by_the_command_in_the_order_of_the_lines(
    tmp_path: Path,
) -> None:
    at = folder(tmp_path, AREA, FIELD, "Ska,topic,rock,Ska,,,", "dub,topic,jazz,Dub,,,")

    with pytest.raises(CommandError) as caught:
        call_command("topics_check", at)

    first, second, count = str(caught.value).splitlines()
    assert first.startswith("music.csv, line 4:")
    assert second.startswith("music.csv, line 5:")
    assert count == "2 mistakes found."


def test_the_command_counts_what_it_found_sound(tmp_path: Path) -> None:
    out = StringIO()

    call_command("topics_check", folder(tmp_path, *SOUND, sensitive="slug\nhalo\n"), stdout=out)

    assert out.getvalue() == (
        "No mistakes. Areas: 1. Fields: 1. Topics: 1. Of all these, never inferred: 1.\n"
    )


def test_the_digest_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    before = load(folder(tmp_path, *SOUND)).digest

    again = load(folder(tmp_path, *SOUND)).digest
    after = load(folder(tmp_path, *SOUND, sensitive="slug\nhalo\n")).digest

    assert before == again
    assert before != after


@pytest.mark.parametrize(
    ("words", "language", "first"),
    [
        ("django", "en", "django"),
        ("Reisen", "de", "travel"),
        ("musica", "es", "music"),
        ("LARGE language", "en", "large-language-models"),
        ("hikers", "en", "hiking"),
        ("Katzen", "en", "cats"),
        ("Kochen", "en", "cooking"),
        ("maschinelles lernen", "en", "machine-learning"),
        ("aprendizaje auto", "de", "machine-learning"),
        ("KI", "en", "artificial-intelligence"),
        ("zzzzqq", "en", None),
        ("  ", "en", None),
        ("🎉", "en", None),
    ],
)
def test_search_finds_by_shown_name_and_alias_whatever_case_and_accents(
    words: str, language: str, first: str | None
) -> None:
    found = [topic.slug for topic in taxonomy().search(words, language, 5)]

    assert len(found) <= 5
    assert found[:1] == ([first] if first else [])


def test_search_puts_whole_names_first_then_beginnings_and_ones_own_language_among_equals(
    tmp_path: Path,
) -> None:
    rows = (
        AREA,
        FIELD,
        "own,topic,rock,Violas and more strings,,,",
        "alias,topic,rock,Fiddles,violas of old,,",
        "foreign,topic,rock,Tubas,,,",
        "whole,topic,rock,Drums,,,",
        "last,topic,rock,Old violas,,,",
    )
    names = "slug,de\nmusic,Musik\nrock,Rock\nforeign,Violas und so\nwhole,Violas\n"
    tree = load(folder(tmp_path, *rows, names=names))

    read_in_english = [topic.slug for topic in tree.search("violas", "en")]
    read_in_german = [topic.slug for topic in tree.search("violas", "de")]

    assert read_in_english == ["whole", "own", "alias", "foreign", "last"]
    assert read_in_german == ["whole", "foreign", "own", "alias", "last"]


def test_search_keeps_to_its_limit() -> None:
    assert len(taxonomy().search("a", "en", 3)) == 3
    assert taxonomy().search("a", "en", 0) == []
