"""Posts get the topics their words prove, and no others."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.topics.assign import Assigned, Assigner
from scoring.engine.topics.language import language_of
from scoring.engine.topics.taxonomy import load
from scoring.engine.topics.tokens import LONGEST, words_of

pytestmark = pytest.mark.one_engine

AREAS = """slug,level,parents,name,aliases,terms,senses
technology,area,,Technology,,,
programming,field,technology,Programming languages,,compiler; syntax,
programming-languages,field,technology,Languages of machines,,,
python,topic,programming programming-languages,Python,python3; asyncio,\
decorators; virtualenv; type hints,python: +code +library +c -snake
roman,topic,programming,Rome,roman; hammock,,roman: +war
c-and-cpp,topic,programming,C and C++,c++; c#,,
large-language-models,topic,programming,Large language models,=LLM,prompt; fine-tuning,
no-code,topic,programming,No-code,,,
apple,topic,programming,Apple,,iphone; macbook,apple: +mac
baking,topic,programming,Baking,apple pie,oven; dough,
photography,field,technology,Photography,,shutter speed; aperture; bokeh,
faith,topic,programming,Faith,prayer,,
cities,field,technology,Cities,,,
paris,topic,cities,Paris,eiffel tower,,
trams,topic,programming cities,Trams,,,
""".replace("\\\n", "")
NAMES = """slug,de,es,fr,pt
technology,Technik,Tecnología,Technologie,Tecnologia
programming,Programmiersprachen,Lenguajes de programación,Langages,Linguagens
programming-languages,Maschinensprachen,Lenguajes máquina,Langages machine,Linguagens máquina
photography,Fotografie,Fotografía,Photographie,Fotografia
cities,Städte,Ciudades,Villes,Cidades
"""


@pytest.fixture(scope="module")
def assigner(tmp_path_factory: pytest.TempPathFactory) -> Assigner:
    folder: Path = tmp_path_factory.mktemp("taxonomy")
    (folder / "technology.csv").write_text(AREAS, encoding="utf-8")
    (folder / "names").mkdir()
    (folder / "names" / "technology.csv").write_text(NAMES, encoding="utf-8")
    (folder / "sensitive.csv").write_text("slug\nfaith\n", encoding="utf-8")
    return Assigner(load(folder))


def slugs(found: tuple[Assigned, ...]) -> list[str]:
    return [one.slug for one in found]


def topics(
    assigner: Assigner, text: str, tag: str = "en", *, sensitive: bool = False
) -> tuple[Assigned, ...]:
    (found,) = assigner.topics([text], [tag], sensitive=sensitive)
    return found


def about(assigner: Assigner, text: str, tag: str = "en") -> list[str]:
    return slugs(topics(assigner, text, tag))


def test_a_name_proves_its_topic_and_says_so(assigner: Assigner) -> None:
    (found,) = topics(assigner, "Today we talk about python3 at work")

    assert (found.slug, found.because) == ("python", "python3")
    assert 0 < found.share <= 1


def test_a_name_with_other_meanings_needs_a_word_of_its_sense(assigner: Assigner) -> None:
    assert about(assigner, "A python lives in the garden of my uncle") == []
    assert about(assigner, "The python in my code is a snake") == []
    assert about(assigner, "My python code is nice to read") == ["python"]
    assert about(assigner, "Those python decorators are nice to read") == ["python"]


def test_a_name_inside_a_longer_name_says_nothing(assigner: Assigner) -> None:
    assert about(assigner, "Apple pie on my mac") == ["baking"]


def test_one_term_proves_nothing_and_several_do(assigner: Assigner) -> None:
    assert about(assigner, "What an aperture that is, they said to me") == []
    assert about(assigner, "Which aperture and which shutter speed gave this bokeh") == [
        "photography"
    ]


def test_names_end_where_words_end(assigner: Assigner) -> None:
    assert about(assigner, "There is no code in this house") == []
    assert about(assigner, "Built with no-code this week") == ["no-code"]
    assert about(assigner, "The pythons3 of the world") == []
    assert about(assigner, "今日はpython3を勉強しました", "ja") == []
    assert about(assigner, "今日はpython3を勉強しました", "en") == []


def test_signs_that_belong_to_a_name_count(assigner: Assigner) -> None:
    assert about(assigner, "We write C++ and like it a lot") == ["c-and-cpp"]
    assert about(assigner, "We write C# and like it a lot") == ["c-and-cpp"]
    assert about(assigner, "My vitamin C is low these days") == []


def test_a_name_of_exact_case_counts_in_this_case_alone(assigner: Assigner) -> None:
    assert about(assigner, "An LLM wrote this text for me") == ["large-language-models"]
    assert about(assigner, "An llm wrote this text for me") == []


def test_a_hashtag_without_spaces_is_the_name_with_spaces(assigner: Assigner) -> None:
    assert about(assigner, "So much to read these days #LargeLanguageModels") == [
        "large-language-models"
    ]
    assert about(assigner, "A hundred of them " + "#tag " * 40 + "#LargeLanguageModels") == []


def test_links_and_accounts_are_not_what_a_post_is_about(assigner: Assigner) -> None:
    assert about(assigner, "Look at https://example.org/python3 and ask @python3") == []
    assert about(assigner, "Write to python3@example.org and say hello") == []


def test_a_translated_name_counts_in_its_language(assigner: Assigner) -> None:
    assert about(assigner, "Heute war ich mit Freunden im Wald, Fotografie ist schön", "de") == [
        "photography"
    ]
    assert about(assigner, "Aujourd'hui la photographie me plaît beaucoup", "fr") == ["photography"]


def test_a_name_of_software_counts_in_every_covered_language_in_small_letters_too(
    assigner: Assigner,
) -> None:
    assert about(assigner, "Heute habe ich endlich asyncio verstanden", "de") == ["python"]
    assert about(assigner, "Ein Abend mit Python: asyncio endlich verstanden", "de") == ["python"]
    assert about(assigner, "Enfin j'ai compris asyncio avec mes amis", "fr") == ["python"]
    assert about(assigner, "Heute lag ich endlich wieder auf der hammock im Garten", "de") == []


def test_a_needed_word_settles_a_name_of_software_in_every_covered_language(
    assigner: Assigner,
) -> None:
    assert about(assigner, "Mein Python ist schön und der code auch", "de") == ["python"]
    assert about(assigner, "Mein Python liegt im Terrarium und schläft", "de") == []
    assert about(assigner, "Mein Python ist keine snake, sagt der Code", "de") == []
    assert about(assigner, "C'est le Python de ma tante, il dort beaucoup", "fr") == []
    assert about(assigner, "Der Roman war lang und ich habe ihn gern gelesen", "de") == []


def test_a_language_that_is_not_covered_gets_no_topic(assigner: Assigner) -> None:
    assert about(assigner, "Vandaag heb ik python3 op mijn nieuwe computer gezet", "nl") == []
    assert about(assigner, "Сегодня я учил python3 весь день", "ru") == []


def test_one_name_of_a_place_is_where_a_post_is_from_and_two_are_what_it_is_about(
    assigner: Assigner,
) -> None:
    assert about(assigner, "We are in Paris until Sunday") == []
    assert about(assigner, "The Eiffel Tower is the tallest of Paris") == ["paris"]
    assert about(assigner, "We sat in trams until Sunday") == ["trams"]


def test_a_sensitive_topic_is_never_inferred(assigner: Assigner) -> None:
    text = "A prayer for all of you this morning"

    assert topics(assigner, text) == ()
    assert slugs(topics(assigner, text, sensitive=True)) == ["faith"]


def test_what_is_above_another_topic_is_left_to_the_nearer_one(assigner: Assigner) -> None:
    text = "Technology is fun, python3 too, they say"

    assert about(assigner, text) == ["python"]


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("I finally tried my new bike today and it rides great", "", "en"),
        ("Heute habe ich endlich mein neues Fahrrad ausprobiert", "", "de"),
        ("Acabo de terminar la receta de mi abuela y quedó riquísima", "", "es"),
        ("Je viens de terminer la lecture de ce roman, quelle merveille", "", "fr"),
        ("Hoje o jogo foi muito bom, que vitória do nosso time", "", "pt"),
        ("Vandaag heb ik eindelijk mijn nieuwe fiets geprobeerd", "", "nl"),
        ("Heute habe ich endlich mein neues Fahrrad ausprobiert, schön", "en", "de"),
        ("Olá", "pt-BR", "pt"),
        ("جربت دراجتي الجديدة اليوم وكانت رائعة", "en", "ar"),
        ("", "", ""),
        ("😀😀😀", "", ""),
    ],
)
def test_the_tag_is_believed_where_it_is_plausible(text: str, tag: str, expected: str) -> None:
    assert language_of(text, tag) == expected


BAD = {
    "empty": "",
    "only spaces": " \t\n ",
    "only emoji": "😀🎉👩‍👩‍👧" * 50,
    "control characters": "".join(map(chr, range(32))) * 20,
    "code": "def f(x):\n    return {k: v for k, v in x.items() if k != '__name__'}\n" * 20,
    "right to left": "שלום עולם ‮ مرحبا بالعالم " * 30,
    "mixed scripts": "hello мир 世界 שלום नमस्ते " * 30,
    "lone surrogate": "\ud800 what is it \udfff",
    "signs": "#@#@++##::;;..//" * 300,
    "at signs": "a." * 5_000 + "@",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_says_nothing_gets_nothing(assigner: Assigner, text: str) -> None:
    assert topics(assigner, text, "") == ()


def test_stacked_marks_hide_no_name_and_make_none(assigner: Assigner) -> None:
    zalgo = "".join(letter + "\u0336\u0337\u0338" * 5 for letter in "python3")

    assert about(assigner, f"Today we talk about {zalgo} at work") == ["python"]
    assert about(assigner, "a\u0336b\u0337 " * 200) == []


def test_only_the_beginning_of_a_very_long_text_is_read() -> None:
    words = words_of("word " * 10_000)

    assert len(words.folded) == LONGEST // len("word ")


@given(text=st.text(max_size=600), tag=st.sampled_from(["", "en", "de", "pt-BR", "xx", "zh_Hant"]))
def test_any_text_gives_a_sound_answer(assigner: Assigner, text: str, tag: str) -> None:
    found = topics(assigner, text, tag)

    assert len(found) <= 3
    assert sum(one.share for one in found) <= 1
    assert all(0 < one.share <= 1 and 0 < len(one.because) <= 80 for one in found)


@given(
    words=st.lists(
        st.sampled_from(
            ["#python3", "python", "code", "C++", "apple pie", "LLM", "no-code", "🎂", "."]
        )
    )
)
def test_names_in_any_order_give_a_sound_answer(assigner: Assigner, words: list[str]) -> None:
    text = " ".join(words)

    found = topics(assigner, text)

    assert len({one.slug for one in found}) == len(found)
    assert all(one.because.split(", ")[0] in text for one in found)
