"""Style sheets, scripts and vendored files hold to their own rules."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from plotly.offline import get_plotlyjs_version

from kloutsite.management.commands import vendor

STATIC: Path = settings.BASE_DIR / "static"
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
TOKENS = (STATIC / "css" / "tokens.css").read_text()
TEXTS = ["text", "text-2", "accent", "good", "warn", "bad", "info"]
GRAPHICS = ["fill", "control", "s1", "s2", "s3", "s4", "s5"]
GROUNDS = ["bg", "surface", "surface-2"]


def token(name: str, look: str) -> tuple[float, float, float]:
    """Return the red, green and blue, 0 to 1, of a colour token in the light or the dark look."""
    found = re.search(rf"--{name}: light-dark\(#(\w+), #(\w+)\);", TOKENS)
    assert found, f"--{name} is no pair of colours"
    digits = found[1] if look == "light" else found[2]
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.2, relative luminance."""
    lights = []
    for colour in (one, other):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_contrast_is_worked_out_as_the_standard_does() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((119 / 255,) * 3, (1, 1, 1)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_and_graphics_stand_out_on_every_ground(ground: str, look: str) -> None:
    under = token(ground, look)

    faint = [name for name in TEXTS if contrast(token(name, look), under) < 4.5]
    faint += [name for name in GRAPHICS if contrast(token(name, look), under) < 3]

    assert faint == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_words_on_the_main_button_and_on_the_banner_can_be_read(look: str) -> None:
    assert contrast(token("on-accent", look), token("accent", look)) >= 4.5
    assert contrast(token("text", look), token("tint", look)) >= 4.5
    assert contrast(token("accent", look), token("tint", look)) >= 4.5


def test_the_layers_are_ordered_once_and_every_rule_is_in_one_of_them() -> None:
    sheets = {path.name: path.read_text() for path in sorted((STATIC / "css").glob("*.css"))}
    order = re.findall(r"^@layer ([^{;]+);", TOKENS, re.MULTILINE)
    named = [name.strip() for name in order[0].split(",")]

    used = {layer for css in sheets.values() for layer in re.findall(r"@layer (\w+) \{", css)}

    assert len(order) == 1
    assert used <= set(named)
    assert set(sheets) == {"tokens.css", "base.css", "layout.css", "parts.css", "charts.css"}
    for name, css in sheets.items():
        top_level = re.findall(r"^[^\s@/*}].*\{", css, re.MULTILINE)
        assert top_level == [], f"{name} has rules outside of layers"


def test_style_sheets_name_starts_and_ends_and_no_left_or_right() -> None:
    sided = re.compile(
        r"(?:margin|padding|border|inset|scroll)[\w-]*-(?:left|right)\b"
        r"|(?:float|clear|text-align): *(?:left|right)\b|[;{\s](?:left|right):"
    )

    found = {path.name: sided.findall(path.read_text()) for path in (STATIC / "css").glob("*.css")}

    assert {name: rules for name, rules in found.items() if rules} == {}


def test_no_class_of_a_template_is_unknown_to_the_style_sheets() -> None:
    css = "".join(path.read_text() for path in (STATIC / "css").glob("*.css"))
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", css))
    # Hooks for scripts and for plotly.js, which no rule of ours names.
    known |= {"no-inline-styles", "explore"}
    # What programs written for Klout look for.
    known |= {"kscore", "user-score-flag", "user-profile-header-container"}
    # Microformats, which other programs read.
    known |= {"h-card", "p-category", "p-name", "p-nickname", "p-note", "u-url", "u-uid"}

    unknown = {}
    for path in TEMPLATES:
        html = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "{}", path.read_text()))
        names = {name for found in re.findall(r'class="([^"]*)"', html) for name in found.split()}
        if strange := {name for name in names if re.fullmatch(r"[a-z][a-z0-9-]*", name)} - known:
            unknown[str(path.relative_to(settings.BASE_DIR))] = strange

    assert unknown == {}


@pytest.mark.parametrize(("kind", "budget"), [("css", 12_000), ("js", 12_000)])
def test_sheets_and_scripts_of_our_own_stay_small(kind: str, budget: int) -> None:
    sent = sum(len(gzip.compress(path.read_bytes())) for path in (STATIC / kind).glob(f"*.{kind}"))

    assert 0 < sent < budget


def test_templates_hold_no_inline_code() -> None:
    planted = r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*(\ssrc=|application/json))|\|safe\b"

    found = [
        f"{path.name}: {match[0]}"
        for path in TEMPLATES
        for match in re.finditer(planted, path.read_text())
        # Django's own help texts of password rules are markup.
        if (path.name, match[0]) != ("fields.html", "|safe")
    ]

    assert found == []


def test_the_vendored_files_are_those_of_the_table() -> None:
    rows = [
        line.split()
        for line in (STATIC / "vendor" / "VERSIONS").read_text().splitlines()
        if not line.startswith("#")
    ]

    for name, version, size, digest in rows:
        content = (STATIC / "vendor" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), digest)
        assert f"v{version}" in content[:500].decode(), name
    assert [row[0] for row in rows] == ["plotly-basic.min.js", "plotly.css"]


def test_figures_are_checked_by_the_plotly_that_draws_them() -> None:
    bundle = (STATIC / "vendor" / "plotly-basic.min.js").read_text()

    assert vendor.bundle_version(bundle) == get_plotlyjs_version()


def test_the_style_sheet_of_plotly_is_the_one_its_bundle_would_write() -> None:
    bundle = (STATIC / "vendor" / "plotly-basic.min.js").read_text()

    sheet = vendor.style_sheet(bundle)

    assert sheet == (STATIC / "vendor" / "plotly.css").read_text()
    assert ".js-plotly-plot .plotly .main-svg{position:absolute;" in sheet
    assert len(sheet.splitlines()) > 60


def test_a_bundle_without_its_table_of_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="has moved"):
        vendor.style_sheet("/* plotly.js (basic) v9.9.9 */")

    with pytest.raises(ValueError, match="name no version"):
        vendor.bundle_version("var x = 1;")


def test_a_table_of_rules_that_breaks_off_is_refused() -> None:
    with pytest.raises(ValueError, match="ends oddly after 1 rules"):
        vendor.style_sheet('/* plotly.js v9.9.9 */ x={"X,X div":"margin:0;",what():1}')
