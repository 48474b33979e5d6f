"""Makes the page of files on the table: `python -m docs.programs.files_on_the_table`. No simulation.

Renews docs/files_on_the_table.md from sim/data/on_the_table.csv and the scenarios in scenarios/files/. Effects are
those of docs/files_on_the_table.csv, which `--study FOLDER` makes of a finished comparison of all options. The page
names the study's command and digest.
"""

import argparse
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd

from docs.programs import DOCS, renew, table_of
from sim.experiments.manifest import read_manifest
from sim.policy.files import EVERYWHERE, Option, Record, options, records
from sim.policy.listing import euros_of
from sim.policy.places import places_named
from sim.policy.scenario import load
from sim.policy.schema import ChangeEntry, CostEntry
from sim.policy.spending import Price
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.effects import Verdict

COMMAND, NAME = "python -m docs.programs.files_on_the_table", "files_on_the_table"
STORED = DOCS / "files_on_the_table.csv"
#: Outcomes of the page in the world, and where a file acts first, with what they are called there.
WORLD = {"takedowns_expected": "lasting takedowns", "turnaround_median": "median wait, months"}
PLACES = {"own_in_time": "own requests executed within a year", "orders_sent": "direct orders sent"}
#: Words of the page for each verdict.
SAID = {
    Verdict.IDENTICAL: "the same in each world",
    Verdict.NOT_DISTINGUISHABLE: "no clear change",
    Verdict.HARDLY: "clear, hardly any change",
    Verdict.DISTINGUISHABLE: "clear",
    Verdict.TOO_FEW: "too few events",
    Verdict.FEW_WORLDS: "too few worlds to say",
    Verdict.UNDEFINED: "not defined",
}
_NONE = "–"
#: Least change that is written as a number; states that are named one by one.
_LEAST, _MOST_NAMED = 0.001, 4


def record_row(record: Record) -> dict[str, str]:
    """Row of the record of one file: stage with its flag, what comes next, price, and day of the check."""
    return {
        "file": f"**{record.title}**: {record.reference}",
        "stage": f"{record.stage} ({record.stage_on}; {record.tag})",
        "next": f"{record.next}, {record.next_on or 'no day known'}",
        "price by its text": f"{record.price}{f' ({record.price_tag})' if record.price_tag else ''}",
        "checked on": f"{record.checked}; since the last release: {record.changed}",
    }


def moved(entry: ChangeEntry) -> str:
    """Text on what an entry moves: lever, value, and whom."""
    value = entry.value if isinstance(entry.value, str) else ", ".join(entry.value or ())
    sides = entry.pairs and f"{', '.join(entry.pairs.requesting)} and {', '.join(entry.pairs.requested)}"
    whom = f", {sides or named(entry.states or ())}" if sides or entry.states else ""
    return f"`{entry.lever}` {value}{whom}"


def named(states: Sequence[str]) -> str:
    """Text on states: each of a few, else the first ones and the number of the others."""
    more = len(states) - _MOST_NAMED
    return ", ".join(states) if more <= 1 else f"{', '.join(states[:_MOST_NAMED])} and {more} others"


def day_of(entry: ChangeEntry) -> str:
    """Text on the day of an entry, with its ramp, lag or course of law, and the flag of the day."""
    course = entry.process and f"then {entry.process.course}"
    later = [
        words for words in (entry.ramp and f"over {entry.ramp}", entry.lag and f"{entry.lag} later", course) if words
    ]
    return f"{', '.join([entry.first_day.isoformat(), *later])} ({entry.date_flag})"


def price_of(entry: CostEntry) -> str:
    """Text on a price that a text states, once and yearly."""
    yearly = entry.yearly and f"{entry.yearly} to {entry.until}"
    return ", ".join(part for part in (entry.once and f"{entry.once} once", yearly) if part)


def dose_rows(one: Option) -> Iterator[dict[str, str]]:
    """Rows of the one table for an option: a row for each dose and each price that its text states."""
    for change in one.changes:
        yield _row(one, change.flag, moved(change), day_of(change), _NONE, change.reference or "")
    for cost in one.costs:
        yield _row(one, cost.flag, cost.what, cost.start.isoformat(), price_of(cost), cost.reference or "")
    if one.based_on:
        yield _row(one, "as there", f"all of {', '.join(f'`{key}`' for key in one.based_on)}", _NONE, _NONE, _NONE)
    if not (one.based_on or one.changes or one.costs):
        yield _row(one, one.record.tag, "today’s law", _NONE, _NONE, one.record.reference)


def _row(one: Option, flag: object, dose: str, day: str, price: str, text: str) -> dict[str, str]:
    """Row of the one table."""
    option = f"`{one.key}` ({one.passing})"
    return {"option": option, "dose": dose, "day": day, "price": price, "flag: article or text": f"**{flag}**: {text}"}


def open_points() -> str:
    """List of what each file leaves open, as Markdown."""
    return "\n".join(f"- `{key}`: {' '.join(_ended(text) for text in one.left_open)}" for key, one in options().items())


def _ended(text: str) -> str:
    """A text with a full stop at its end."""
    return text if text.endswith(".") else f"{text}."


def effects_in(view: View) -> pd.DataFrame:
    """Effects of all options in a study: in the world, and in the places where each file acts first."""
    columns = ["scenario", "outcome", "pairs", "baseline_mean", "difference", "low", "high", "verdict"]
    world = [view.difference(key, outcome) for key in options() for outcome in WORLD]
    in_the_world = [{name: getattr(row, name) for name in columns} for row in world if row is not None]
    parts = [pd.DataFrame(in_the_world).assign(place="world")]
    places = {one.record.places for one in options().values()} - {EVERYWHERE}
    for place in sorted(places):
        members = sorted({row for named in places_named(place, "--for") for row in named.rows})
        effects = view.of_groups([members])
        chosen = [key for key, one in options().items() if one.record.places == place]
        part = effects[effects["scenario"].isin(chosen) & effects["outcome"].isin(PLACES)]
        parts.append(part[columns].assign(place=place))
    table = pd.concat(parts)[["scenario", "place", *columns[1:]]]
    return table.assign(verdict=table["verdict"].map(lambda verdict: Verdict(verdict).name))


def shown_effect(table: pd.DataFrame, key: str, outcome: str) -> str:
    """Text on an option's effect on an outcome: the change with its 95 % interval, its level today, and the verdict."""
    row = table[(table["scenario"] == key) & (table["outcome"] == outcome)]
    if row.empty:
        return _NONE
    (one,) = row.to_dict("records")
    verdict = SAID[Verdict[one["verdict"]]]
    if verdict == SAID[Verdict.IDENTICAL] or pd.isna(one["difference"]):
        return verdict
    ends = "" if pd.isna(one["low"]) else f" ({_signed(one['low'])} to {_signed(one['high'])})"
    return f"{_signed(one['difference'])}{ends} on {_rounded(one['baseline_mean'])}: {verdict}"


def _rounded(value: float) -> str:
    """A number with at most three significant digits, without an exponent."""
    digits = float(f"{value:.3g}")
    return f"{digits:,.0f}" if abs(digits) >= 100.0 else f"{Decimal(str(digits)).normalize():f}"


def _signed(value: float) -> str:
    """A number with its sign and at most three significant digits; 0 for what is less than a thousandth."""
    text = _rounded(abs(value)) if abs(value) >= _LEAST else "0"
    return f"{'−' if value < 0.0 else '+'}{text}" if text != "0" else text


def millions(key: str) -> str:
    """Text on what the model counts as an option's cost, millions of euros from low to high prices."""
    euros, _ = euros_of(load(key))
    low, central, high = (_rounded(euros[price] / 1e6) for price in (Price.LOW, Price.CENTRAL, Price.HIGH))
    return f"{central} ({low} to {high})" if euros[Price.CENTRAL] else _NONE


def rows_there(table: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of effects where each file acts first; none for files that touch the whole world."""
    return [
        {"option": f"`{key}`", "where": named(one.record.places.split(","))}
        | {title: shown_effect(table, key, outcome) for outcome, title in PLACES.items()}
        for key, one in options().items()
        if one.record.places != EVERYWHERE
    ]


def rows_in_the_world(table: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of effects in the world, with what the model counts as cost."""
    return [
        {"option": f"`{key}`"}
        | {title: shown_effect(table, key, outcome) for outcome, title in WORLD.items()}
        | {"M€, by the model": millions(key)}
        for key in options()
    ]


def in_short(table: pd.DataFrame) -> str:
    """Sentences on how many options have a clear effect on each outcome, and which."""
    known, lines = list(options()), []
    for outcome, title in {**PLACES, **WORLD}.items():
        rows = table[table["outcome"] == outcome]
        clear = rows.loc[rows["verdict"] == Verdict.DISTINGUISHABLE.name, "scenario"]
        names = ", ".join(f"`{key}`" for key in sorted(clear, key=known.index)) or "none"
        where = "in the world" if outcome in WORLD else "where the file acts first"
        lines.append(f"- {title.capitalize()}, {where}: clear under {len(clear)} of {len(rows)} options: {names}.")
    return "\n".join(lines)


def stored_line() -> str:
    """The first line of the stored effects, which says of which study they are."""
    return STORED.read_text("utf-8").splitlines()[0].removeprefix("# ")


def store(folder: Path) -> None:
    """Stores the effects of a finished study, with its command and digest."""
    manifest = read_manifest(folder / "manifest.json")
    words = [word for word in manifest["command"].split() if not word.startswith("execution.")]
    names = [word for word in words if word not in options()]
    command = " ".join([*names[:2], "KEYS", *names[2:]])
    code = manifest["code"]["sources"][:12]
    of = f"digest {manifest['digest'][:12]}; sources {code}; made on {manifest['made']}"
    line = f"# `{command}` (all options as KEYS); {of}\n"
    STORED.write_text(line + effects_in(read_report(folder)).to_csv(index=False, float_format="%.6g"), "utf-8")


def parts() -> dict[str, str]:
    """Parts of the page by name, as Markdown."""
    table = pd.read_csv(STORED, comment="#")
    return {
        "record": table_of([record_row(record) for record in records().values()]),
        "doses": table_of([row for one in options().values() for row in dose_rows(one)]),
        "open": open_points(),
        "study": f"The study: {stored_line()}.",
        "short": in_short(table),
        "there": table_of(rows_there(table)),
        "world": table_of(rows_in_the_world(table)),
    }


def main() -> None:
    """Updates docs/files_on_the_table.md, and its stored effects where a study is named."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--study", type=Path, help="folder of a finished comparison of all options")
    if (folder := parser.parse_args().study) is not None:
        store(folder)
    renew(NAME, parts(), COMMAND)


if __name__ == "__main__":
    main()
