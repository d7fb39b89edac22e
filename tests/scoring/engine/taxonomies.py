"""Folders of taxonomies, written as people write them."""

from pathlib import Path

HEADER = "slug,level,parents,name,aliases,terms,senses"
SOUND = (
    "music,area,,Music,,,",
    "rock,field,music,Rock music,rock band,guitar; drums,",
    "halo,topic,rock,Halo,=HLO; halo band,chorus,halo: +singer -video_game",
)


def folder(
    at: Path,
    *rows: str,
    names: str | None = None,
    sensitive: str | None = None,
    ambiguous: str | None = None,
) -> Path:
    """Write music.csv of the rows behind its header, and the other files as they are given."""
    at.mkdir(exist_ok=True)
    (at / "music.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    for name, content in (
        ("names/music.csv", names),
        ("sensitive.csv", sensitive),
        ("ambiguous.csv", ambiguous),
    ):
        if content is not None:
            (at / name).parent.mkdir(exist_ok=True)
            (at / name).write_text(content, encoding="utf-8")
    return at
