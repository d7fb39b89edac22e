"""docs/troubleshooting.md says what the pages say."""

from accounts import findings
from kloutsite.management.commands.troubleshooting import PATH, page


def test_the_committed_page_is_what_the_tables_say() -> None:
    written = PATH.read_text(encoding="utf-8")

    assert written == page(), "Run manage.py troubleshooting and commit docs/troubleshooting.md."


def test_every_finding_that_there_is_stands_on_it() -> None:
    alone = [each for each in vars(findings).values() if isinstance(each, findings.Finding)]
    codes = [finding.code for finding in [*findings.FINDINGS.values(), *alone]]

    said = page()

    assert [code for code in codes if f"| `{code}` |" not in said] == []
    assert "{" not in said
