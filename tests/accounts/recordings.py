"""Real answers of networks for contract tests, kept outside of this repository."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

_FOLDER = Path(
    os.environ.get("KLOUTSITE_RECORDINGS", settings.BASE_DIR.parent / "shared" / "recordings")
)


def recorded(name: str) -> Any:
    """Return the body of a recording (of the last call, of several). Skips where there is none."""
    path = _FOLDER / name
    if not path.is_file():
        pytest.skip(f"no recording {name} here")
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["interactions"][-1]["body"] if "interactions" in found else found["body"]
