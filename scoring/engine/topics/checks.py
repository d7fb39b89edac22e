"""What must hold in the taxonomy's files. Each check adds its mistakes and lets the next run."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from scoring.engine.topics import naming
from scoring.engine.topics.rows import Mistakes, Row

LISTS = ("sensitive.csv", "ambiguous.csv", "klout.csv")  # beside the areas' files


def nodes(rows: Sequence[Row], mistakes: Mistakes) -> None:
    """Check slug, level and name of each row, and that no slug is used twice."""
    first: dict[str, Row] = {}
    for row in rows:
        slug, level = row.cells["slug"], row.cells["level"]
        for column in ("slug", "level", "name"):
            if not row.cells[column]:
                mistakes.add(row, f"The cell {column} is empty. Every row needs one: fill it in.")
        if slug and not (naming.SLUG.fullmatch(slug) and len(slug) <= naming.LONGEST_SLUG):
            mistakes.add(
                row,
                f"The slug {slug!r} is none: addresses hold it. Write small letters a-z, digits "
                f"and single hyphens between them, at most {naming.LONGEST_SLUG} characters.",
            )
        if level and level not in naming.LEVELS:
            mistakes.add(row, f"The level {level!r} is unknown. Write area, field or topic.")
        if slug and (earlier := first.setdefault(slug, row)) is not row:
            mistakes.add(
                row,
                f"The slug {slug!r} stands on line {earlier.line} of {earlier.file} already, and a "
                "slug means one thing. Rename this one or take one of the rows out.",
            )
        _semicolons(row, mistakes)


def parents(rows: Sequence[Row], mistakes: Mistakes) -> None:
    """Check that parents are known, fit the level and lead to an area without going in circles."""
    by_slug: dict[str, Row] = {}
    for row in rows:
        by_slug.setdefault(row.cells["slug"], row)
    for row in rows:
        own = row.cells["parents"].split()
        for slug in sorted({slug for slug in own if own.count(slug) > 1}):
            mistakes.add(row, f"The parent {slug!r} stands here twice. Take one out.")
        unknown = [slug for slug in own if slug not in by_slug]
        for slug in unknown:
            mistakes.add(
                row,
                f"The parent {slug!r} is unknown: no row has this slug. Mend the spelling or add "
                "the row.",
            )
        if not unknown and (why := _misfit(row, [by_slug[slug] for slug in own])):
            mistakes.add(row, why)
    _circles(by_slug, mistakes)


def words(rows: Sequence[Row], ambiguous: Sequence[Row], mistakes: Mistakes) -> None:
    """Check that a name or alias means one topic, or has a rule that separates its senses."""
    listed = _ambiguous(ambiguous, mistakes)
    users: dict[str, dict[int, tuple[Row, str]]] = defaultdict(dict)
    rules = {}
    for row in rows:
        own = [naming.key(name) for name in _spelt(row)]
        for alias in sorted(alias for alias, times in Counter(own).items() if times > 1):
            mistakes.add(row, f"{alias!r} is this topic's name or alias twice. Take one out.")
        rules[id(row)] = _senses(row, own, mistakes)
        for alias in own:
            users[naming.heard(alias)].setdefault(id(row), (row, alias))
    for using in users.values():
        for row, alias in using.values():
            if alias in rules[id(row)]:
                continue
            others = [
                f"line {one.line} of {one.file}" for one, _ in using.values() if one is not row
            ]
            if others:
                mistakes.add(
                    row,
                    f"{alias!r} is also a name or alias on {' and '.join(others)}, so that it "
                    f"proves neither. Add a rule to senses on each: {alias}: +word -word.",
                )
            elif alias in listed:
                mistakes.add(
                    row,
                    f"{alias!r} is a word with other meanings (ambiguous.csv). Add a rule to "
                    f"senses: {alias}: +word -word.",
                )


def names(
    translated: Sequence[Row], rows: Sequence[Row], files: Sequence[str], mistakes: Mistakes
) -> None:
    """Check names/: known slugs, each once, and every area and field of a file that has come."""
    known(translated, rows, mistakes)
    by_slug = {row.cells["slug"]: row for row in translated}
    for row in rows:
        if row.cells["level"] not in ("area", "field") or row.file not in files:
            continue
        slug = row.cells["slug"]
        found = by_slug.get(slug)
        if not found:
            mistakes.add(
                row, f"{slug!r} has no row in names/{row.file}. Add its names in each language."
            )
            continue
        for language, name in found.cells.items():
            if not name and language != "aliases":
                mistakes.add(
                    found,
                    f"{slug!r} has no name in {language!r}, and areas and fields have one in each "
                    "language. Fill it in.",
                )


def further_names(translated: Sequence[Row], mistakes: Mistakes) -> None:
    """Check the aliases in names/: each with its language, and no name of two things in one."""
    first: dict[tuple[str, str], Row] = {}
    for row in translated:
        for language, name in row.cells.items():
            if name and language not in ("slug", "aliases"):
                first.setdefault((language, naming.plain(name)), row)
    for row in translated:
        cell = row.cells.get("aliases", "")
        for entry in naming.listed(cell):
            language, _, name = (part.strip() for part in entry.partition(":"))
            if (
                not naming.plain(name)
                or language not in row.cells
                or language in ("slug", "aliases")
            ):
                mistakes.add(
                    row,
                    f"The alias {entry!r} does not say of which language it is. Write the name of "
                    "a column and a colon before it, as in de:Sauerteig.",
                )
            elif (earlier := first.setdefault((language, naming.plain(name)), row)) is not row:
                mistakes.add(
                    row,
                    f"{name!r} is a name in {language!r} on line {earlier.line} of {earlier.file} "
                    "already, so that nobody knows which is meant. Take one out.",
                )
            elif naming.plain(name) == naming.plain(row.cells[language]):
                mistakes.add(row, f"{name!r} is the name that is shown. Take the alias out.")


def known(listed: Sequence[Row], rows: Sequence[Row], mistakes: Mistakes) -> None:
    """Check that every listed slug is a row's slug, and listed once."""
    slugs = {row.cells["slug"] for row in rows}
    first: dict[str, Row] = {}
    for row in listed:
        slug = row.cells["slug"]
        if slug not in slugs:
            mistakes.add(
                row,
                f"The slug {slug!r} is unknown: no area's file has it. Mend the spelling or take "
                "the row out.",
            )
        elif (earlier := first.setdefault(slug, row)) is not row:
            mistakes.add(
                row,
                f"{slug!r} stands on line {earlier.line} of {earlier.file} already. Take one out.",
            )


def _semicolons(row: Row, mistakes: Mistakes) -> None:
    for column in ("aliases", "terms", "senses"):
        if "" in [entry.removeprefix("=") for entry in naming.listed(row.cells[column])]:
            mistakes.add(
                row, f"An entry of {column} is empty. Take out the semicolon that is too much."
            )
    terms = [naming.fold(term) for term in naming.listed(row.cells["terms"]) if term]
    for term in sorted(term for term, times in Counter(terms).items() if times > 1):
        mistakes.add(row, f"The term {term!r} stands here twice. Take one out.")


def _misfit(row: Row, above: Sequence[Row]) -> str | None:
    """Return why known parents do not fit the level of a row, or None when they do."""
    level = row.cells["level"]
    levels = [parent.cells["level"] for parent in above]
    if level == "area":
        return "An area has no parents. Empty the cell parents." if above else None
    if level not in naming.LEVELS:
        return None
    if not above:
        return (
            "No parent is named, so that nobody finds it. Name its area for a field, its field for "
            "a topic."
        )
    nearest = ("area",) if level == "field" else ("field", "topic")
    if levels[0] not in nearest or above[0].file != row.file:
        slug = above[0].cells["slug"]
        return (
            f"The first parent, {slug!r}, is no {' or '.join(nearest)} of this file, and the first "
            f"says where a {level} belongs. Put one of this file first."
        )
    if level == "topic" and "area" in levels:
        slug = above[levels.index("area")].cells["slug"]
        return f"A topic stands below fields and topics, and {slug!r} is an area. Name a field."
    return None


def _circles(by_slug: Mapping[str, Row], mistakes: Mistakes) -> None:
    """Add a mistake for each circle of parents, at the row where the way came back to itself."""
    done: set[str] = set()
    for start in by_slug:
        path: dict[str, Iterator[str]] = {}
        slug: str | None = start if start not in done else None
        while slug is not None:
            if slug not in path:
                path[slug] = iter(by_slug[slug].cells["parents"].split())
            above = next((one for one in path[slug] if one in by_slug and one not in done), None)
            if above is None:
                done.add(slug)
                del path[slug]
                slug = next(reversed(path), None)
            elif above in path:
                way = [*list(path)[list(path).index(above) :], above]
                mistakes.add(
                    by_slug[slug],
                    f"The parents go in a circle: {' > '.join(way)}. Nothing stands above itself: "
                    "take one of them out.",
                )
            else:
                slug = above


def _spelt(row: Row) -> list[str]:
    aliases = [one for one in naming.listed(row.cells["aliases"]) if one.removeprefix("=")]
    return [row.cells["name"], *aliases] if row.cells["name"] else aliases


def _senses(row: Row, own: Sequence[str], mistakes: Mistakes) -> Mapping[str, naming.Sense]:
    """Return the rules of a row, adding the mistakes in them."""
    rules, odd = naming.senses(row.cells["senses"])
    for entry in filter(None, odd):
        mistakes.add(
            row,
            f"{entry!r} is no rule. Write the name, a colon, and words that each start with + "
            "(needed) or - (barred): python: +code -snake.",
        )
    for name in rules.keys() - set(own):
        mistakes.add(
            row,
            f"The rule is about {name!r}, which is no name or alias of this row. Mend the spelling "
            "or take the rule out.",
        )
    for name, rule in rules.items():
        for word in sorted(set(rule.needs) & set(rule.bars)):
            mistakes.add(row, f"The rule for {name!r} needs and bars {word!r}. Keep one of both.")
    return rules


def _ambiguous(rows: Sequence[Row], mistakes: Mistakes) -> set[str]:
    for row in rows:
        if not row.cells["word"]:
            mistakes.add(row, "The cell word is empty. Fill it in or take the line out.")
    return {naming.fold(row.cells["word"]) for row in rows}
