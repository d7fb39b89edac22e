"""Pictures of every page: python -m tests.browser.shots FOLDER [part of a page's name].

Wide and narrow, light and dark, a 320 px phone, and without scripts. docs/picker.png and
docs/doctor.png are choose-light-1280 and the upper part of link-checked-light-1280,
docs/profile.png is profile-light-1280, docs/notes.png notes-light-1280,
docs/give.png plusk-give-light-1280, docs/embed.png embed-light-1280; all in 48 colours.
"""

import os
import sys
from pathlib import Path

import pytest


def main(arguments: list[str]) -> int:
    """Run the page checks with pictures on; return pytest's exit status."""
    folder, *only = arguments
    Path(folder).mkdir(parents=True, exist_ok=True)
    os.environ["SHOTS"] = folder
    chosen = ["-k", only[0]] if only else []
    return pytest.main(["-q", "-p", "no:randomly", "tests/browser/test_pages.py", *chosen])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
