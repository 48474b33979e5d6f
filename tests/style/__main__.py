"""Counts breaches of style rules and fails if they exceed the numbers in leftovers.csv.

python -m tests.style               counts, and every place where there are too many
python -m tests.style TEXT …        every place whose file, rule or words contain one of these texts
python -m tests.style --lower       writes today's counts into leftovers.csv, where they are lower
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.style.rules import HERE, Finding, findings
from tests.test_architecture import ROOT, tracked

LEFTOVERS = HERE / "leftovers.csv"
PLACES = (
    "sim/",
    "docs/",
    "scenarios/",
    "conf/",
    "tests/",
    "results/README.md",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
#: Examples of what to avoid.
_EXAMPLES = "tests/style/"

Counts = Counter[tuple[str, str]]


def package(name: str) -> str:
    """The package of a file: its folder in `sim` or `tests`, or its top-level name."""
    first, *rest = name.split("/")
    return f"{first}/{rest[0].removesuffix('.py')}" if first in {"sim", "tests"} else first


def find_all() -> list[Finding]:
    """All breaches of rules in the repository."""
    names = (path.relative_to(ROOT).as_posix() for path in tracked())
    read = (name for name in names if name.startswith(PLACES) and not name.startswith(_EXAMPLES))
    return [each for name in read for each in findings(name, _content(name))]


def _content(name: str) -> str:
    readable = name.endswith((".py", ".csv", ".md", ".rst", ".html", ".j2", ".yaml", ".toml"))
    return (ROOT / name).read_text("utf-8") if readable else ""


def counted(places: Iterable[Finding]) -> Counts:
    """Number of breaches by rule and package."""
    return Counter((each.rule, package(each.file)) for each in places)


def allowed() -> Counts:
    """Numbers of breaches that leftovers.csv allows, by rule and package."""
    with LEFTOVERS.open(encoding="utf-8", newline="") as file:
        return Counter({(row["rule"], row["package"]): int(row["count"]) for row in csv.DictReader(file)})


def lower(counts: Counts) -> None:
    """Writes leftovers.csv with lower numbers where counts fell, and no higher ones."""
    before = allowed()
    rows = sorted((*key, min(count, before[key])) for key, count in counts.items() if before[key])
    with LEFTOVERS.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("rule", "package", "count"), *rows])


def main(texts: Sequence[str]) -> int:
    """Prints counts or places; returns 1 if there are more breaches than allowed."""
    places = find_all()
    if texts == ["--lower"]:
        lower(counted(places))
    elif texts:
        print(*(_line(each) for each in places if any(text in _line(each) for text in texts)), sep="\n")
        return 0
    counts, limits = counted(places), allowed()
    for rule in sorted({rule for rule, _ in counts | limits}):
        by_package = {place: count for (of, place), count in sorted(counts.items()) if of == rule}
        print(
            f"{rule}: {sum(by_package.values())}",
            *(f"{place} {count}" for place, count in by_package.items()),
            sep="  ",
        )
    worse = counts - limits
    for each in places:
        if worse[each.rule, package(each.file)]:
            print(_line(each), file=sys.stderr)
    if worse:
        for (rule, place), more in sorted(worse.items()):
            print(f"{place}: {more} too many of “{rule}”; {limits[rule, place]} allowed", file=sys.stderr)
    elif limits - counts:
        print("Fewer than tests/style/leftovers.csv allows: `python -m tests.style --lower` keeps it so.")
    return bool(worse)


def _line(each: Finding) -> str:
    return f"{each.file}:{each.line}: {each.rule}: “{each.words}”: write: {each.better}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
