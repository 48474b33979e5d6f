"""What is written about cases: one case and its other laws, and all operations on record, in plain words first."""

from collections.abc import Sequence
from string import Template

import numpy as np
import pandas as pd

from sim.cases.answer import case_sentences
from sim.cases.expected import MEASURES, Expectation, acted_share, by_seed, expectation, expectations, of_case
from sim.cases.other_law import NAMES, Law
from sim.cases.real_case import RealCase
from sim.cases.scoring import FEWEST, FEWEST_DRAWS, NOMINAL, share_interval
from sim.experiments.statistics import difference
from sim.report.marking import code, markdown_table, marked

LIMITS = """\
- The law is that of each day: treaties with their Parties, instruments of the European Union, liaison bodies, duties of
  retention. Offences and powers in national law are drawn, so that as many states have them as were counted on that
  day, from 2013 on; before, a Party has them from its own day. Law in action grows with a state's years as a Party to
  the Budapest Convention.
- Staff, skills, load of desks, hosting, users, and numbers measured in the default world are of today on every day.
  Groups then were as many as now.
- The group on record stands for any group of its kind that the lead's unit would open a case on: its size, home,
  servers and members are drawn by the model's rules. Operations on record are famous, so that their groups may well
  have been larger.
- Until the recorded opening no unit works on the group. Only the first of several leads opens a case; other units join
  by the model's rules.
- The record counts all states that helped, the model those that acted on the day. Arrests of the model are those of
  core members on the day and of affiliates and customers whom seized servers named.
- Months, states and arrests are compared given that the group was taken down within five years of the recorded action,
  since the record holds nothing else. How often that happens is shown apart.
"""

_CASE = Template("""\
# $title: what the model expected

$answer

## What was found

$dates Nothing is fitted to the case.

$short

## What happened, and where it falls

$table

![Distribution](${figures}distribution.png)

$returned

## The same case under other law

$laws

![Other law](${figures}laws.png)

$law_notes

## What it rests on

$limits
- Sources: $sources.
- Recalled, not verified: $recalled.

Made by $command
""")

_SECTION = Template("""\
## $title

`comity case $key` $dates

$short

$table

![Distribution](${figures}distribution.png)

$returned

$laws

![Other law](${figures}laws.png)
""")

LAW_NOTES = """\
- Today's law: that of the day on which policies start in the default world, with channels as well known as they are
  then; duties of retention stay those of each day.
- Second Protocol everywhere: all states are bound by it, and it is in force; national law and practice stay as they
  were.
- e-Evidence in all of the EU: today's members of the European Union, Denmark included.
- Without Europol: nobody may use it, J-CAT has no members, and both have no staff."""


def case_page(results: pd.DataFrame, case: RealCase, command: str) -> str:
    """The page of one case.

    Args:
        results: as `frame_of` gives them.
        case: what is on record.
        command: as typed.
    """
    return _CASE.substitute(
        _parts(results, case, "figures/"),
        answer="\n\n".join(map(marked, case_sentences(results, case))),
        law_notes=LAW_NOTES,
        limits=LIMITS.rstrip(),
        sources="; ".join(map(marked, case.sources)),
        recalled=", ".join(map(marked, case.recalled)) or "nothing",
        command=code(command),
    )


def case_section(results: pd.DataFrame, case: RealCase, figures: str) -> str:
    """The section of one case on the page of all.

    Args:
        results: as `frame_of` gives them.
        case: what is on record.
        figures: how the paths of its figures begin.
    """
    return _SECTION.substitute(_parts(results, case, figures), key=case.key)


def law_notes() -> str:
    """What each kind of law means, as a section."""
    return f"## Other law\n\n{LAW_NOTES}\n"


def _parts(results: pd.DataFrame, case: RealCase, figures: str) -> dict[str, str]:
    """What page and section share."""
    opened = f"Opened {case.opened:%Y-%m-%d}" if case.opened else "No opening on record"
    began = f"The group was active since {case.active_since:%Y}. " if case.active_since else ""
    kind = case.kind.replace("_", " ")
    draws, groups = int(of_case(results, case)["acted"].sum()), len(of_case(results, case))
    return {
        "title": marked(case.title),
        "dates": f"{began}{opened}, action {case.acted:%Y-%m-%d}. Lead: {case.lead}. Kind of group: {kind}.",
        "short": "\n".join(f"- {line}" for line in _short(results, case)),
        "table": f"Of {groups} groups in {results['seed'].nunique()} worlds, {draws} were taken down. A percentile of "
        f"50 is the middle of what the model expected.\n\n{_table(results, case)}",
        "returned": _returned(results, case),
        "laws": "Other law holds from the day on which the case opens; everything before is the same world. The change "
        "is that of the share taken down, in points, with its 95 % interval over paired worlds.\n\n"
        + _laws(results, case),
        "figures": figures,
    }


def _short(results: pd.DataFrame, case: RealCase) -> list[str]:
    """What was found, point by point."""
    share = acted_share(results, case)
    lines = [f"The model takes {_share(share)} of such groups down within five years of the recorded action."]
    lost = 1.0 - float(results[results["law"] == str(Law.AS_IT_WAS)]["applies"].mean())
    if lost > 0.0:
        lines.append(f"Of all groups, {_share(lost)} were gone before the case opened; they are left out.")
    for measure, label in MEASURES.items():
        entry = expectation(results, case, measure)
        if entry.recorded is None or not entry.draws.size:
            continue
        low, high = entry.span(NOMINAL[0])
        lines.append(
            f"{label[:1].upper()}{label[1:]}: {entry.recorded:.0f} on record, {np.median(entry.draws):.0f} in the "
            f"model (80 % interval {low:.0f} to {high:.0f}): percentile {entry.standing.percentile:.0f}."
        )
    return lines


def _table(results: pd.DataFrame, case: RealCase) -> str:
    """Every measure with its intervals, the record, its flag and its percentile."""
    rows = []
    for measure, label in MEASURES.items():
        entry = expectation(results, case, measure)
        if not entry.draws.size:
            continue
        recorded = "–" if entry.recorded is None else f"{entry.recorded:.0f}"
        percentile = "–" if entry.recorded is None else f"{entry.standing.percentile:.0f}"
        rows.append([label, recorded, entry.flag, f"{np.median(entry.draws):.0f}", *_spans(entry), percentile])
    taken = of_case(results, case)
    taken = taken[taken["acted"]]
    for column, label in (("arrests", "of them core members"), ("client_arrests", "of them affiliates, customers")):
        if len(taken):
            low, high = np.quantile(taken[column], [0.1, 0.9], method="inverted_cdf")
            rows.append([label, "–", "–", f"{taken[column].median():.0f}", f"{low:.0f}–{high:.0f}", "–", "–"])
    head = ["", "record", "flag", "median", "80 %", "95 %", "percentile of record"]
    return markdown_table(head, rows, {1, 3, 4, 5, 6})


def _spans(entry: Expectation) -> list[str]:
    """The nominal intervals; a dash where draws are too few for the wide one."""
    spans = [entry.span(probability) for probability in NOMINAL]
    cells = [f"{low:.0f}–{high:.0f}" for low, high in spans]
    return [
        cell if entry.draws.size >= FEWEST[probability] else "–"
        for cell, probability in zip(cells, NOMINAL, strict=True)
    ]


def _returned(results: pd.DataFrame, case: RealCase) -> str:
    """Return within two years."""
    back = of_case(results, case)["returned"].dropna()
    words = {True: "It was back within two years", False: "It was not back within two years", None: "Not on record"}
    recorded = words[case.returned]
    if back.empty:
        return f"Return: {recorded[:1].lower()}{recorded[1:]}."
    low, high = share_interval(int(back.sum()), len(back))
    return (
        f"Return: {recorded[:1].lower()}{recorded[1:]}; in the model {_share(back.mean())} of groups taken down were "
        f"(95 % interval {100 * low:.0f} to {100 * high:.0f} %)."
    )


def _laws(results: pd.DataFrame, case: RealCase) -> str:
    """One row per kind of law."""
    base, rows = by_seed(results, case, Law.AS_IT_WAS), []
    for law in Law:
        taken = of_case(results, case, law)
        taken = taken[taken["acted"]]
        change = difference(by_seed(results, case, law), base)
        cells = [f"{taken[column].median():.0f}" if len(taken) else "–" for column in MEASURES]
        back = taken["returned"].dropna()
        rows.append(
            [
                NAMES[law],
                _share(acted_share(results, case, law)),
                "–"
                if law is Law.AS_IT_WAS
                else f"{100 * change.value:+.0f} ({100 * change.low:+.0f} to {100 * change.high:+.0f})",
                *cells,
                _share(back.mean()) if len(back) else "–",
            ]
        )
    head = ["law", "taken down", "change, points", "months, median", "states, median", "arrests, median", "returned"]
    return markdown_table(head, rows)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


def coverage_table(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """Coverage of the nominal intervals by measure."""
    rows = []
    for measure, label in MEASURES.items():
        known = expectations(results, cases, measure)
        cells = []
        for probability in NOMINAL:
            enough = [entry for entry in known if entry.has(probability)]
            hits = sum(entry.holds(probability) for entry in enough)
            low, high = share_interval(hits, len(enough))
            share = _share(hits / max(len(enough), 1))
            span = f"{hits} of {len(enough)}: {share} ({100 * low:.0f}–{100 * high:.0f} %)"
            cells.append(span if enough else "too few draws")
        below = sum(entry.recorded is not None and entry.standing.percentile < 50.0 for entry in known)
        middle = np.median([entry.standing.percentile for entry in known]) if known else float("nan")
        rows.append([label, str(len(known)), *cells, f"{middle:.0f}", f"{below} of {len(known)}"])
    head = ["", "operations", "80 % interval holds", "95 % interval holds", "median percentile", "below the middle"]
    return markdown_table(head, rows)


def operations_table(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """One row per operation: how often the model acts, then record, median and percentile by measure."""
    rows = []
    for case in cases:
        cells = []
        for measure in MEASURES:
            entry = expectation(results, case, measure)
            if entry.recorded is None or not entry.draws.size:
                cells.append("–")
                continue
            mark = "" if entry.draws.size >= FEWEST_DRAWS else " *"
            cells.append(f"{entry.recorded:.0f} / {np.median(entry.draws):.0f} ({entry.standing.percentile:.0f}){mark}")
        draws = int(of_case(results, case)["acted"].sum())
        rows.append([marked(case.title), f"{case.acted:%Y}", _share(acted_share(results, case)), str(draws), *cells])
    head = ["operation", "year", "taken down", "draws", *(label for label in MEASURES.values())]
    return markdown_table(head, rows, {1, 2, 3, 4, 5, 6})
