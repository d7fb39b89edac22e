"""Which language a post is in. What the taxonomy does not cover is left out rather than guessed.

Source: py3langid 0.4 (BSD-3-Clause), which ships its model. docs/topics.md holds the comparison
with others. The model takes about 75 MB and is loaded with the first post.
"""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

COVERED = ("en", "de", "es", "fr", "pt")
UNKNOWN = ""

# Told apart at all: more make short texts worse (Nigerian Pidgin, Latin, Bikol for English).
_KNOWN = [
    "af", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa",
    "fi", "fr", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "ms",
    "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta", "te", "th",
    "tl", "tr", "uk", "ur", "vi", "zh",
]  # fmt: skip
_SURE = 0.9  # to speak against the network's own tag
_LIKELY = 0.5  # to be believed without a tag
_READ = 120  # characters: more do not make it surer
_FEW = 12  # letters: too few to tell a language
_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S+|[#@]\S+|[\d_]+")
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[a-zA-ZÀ-ɏ]")


def language_of(text: str, tag: str = "") -> str:
    """Return the ISO 639-1 code of a text's language, "" when it cannot be told.

    `tag` is what the network says ("pt-BR"). It is believed unless the script or a sure detection
    speaks against it, because apps often send their own language instead of the post's.
    """
    told = tag.replace("_", "-").split("-")[0].lower()
    plain = _NOT_WORDS.sub(" ", text[:_READ])
    letters = len(_LETTERS.findall(plain))
    if letters and 2 * len(_LATIN.findall(plain)) < letters:
        return _other_script(plain, told)
    if letters < _FEW:
        return told if told in COVERED else UNKNOWN
    found, sure = _detector().classify(plain)
    if told in _KNOWN:
        return str(found) if found != told and sure >= _SURE else told
    return str(found) if sure >= _LIKELY else UNKNOWN


def _other_script(plain: str, told: str) -> str:
    """Return the language of a text whose letters are mostly not Latin: never a covered one."""
    if told and told not in COVERED:
        return told
    found = str(_detector().classify(plain)[0])
    return found if found not in COVERED else "und"


@cache
def _detector() -> LanguageIdentifier:
    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(_KNOWN)
    return detector
