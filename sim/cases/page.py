"""What the model expected of a case on record beside what happened, and what is written about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from sim.cases.real_case import RealCase
from sim.cases.run import NAMES, Law
from sim.experiments.statistics import Estimate, difference, mean
from sim.measures.arrays import Floats
from sim.report.marking import markdown_table, marked, texts
from sim.report.page.parts import Chapter, Exhibit, Page, made_by
from sim.results.words import counted, number, per_cent, span

#: What is compared, in words with units.
MEASURES = {"months": "months from opening to action", "states": "states that act", "all_arrests": "persons arrested"}
#: Fields of the record whose flag each measure has: in operations.csv, and in a case's file.
_FIELDS = {
    "months": ("investigation_start", "action_date", "opened", "acted"),
    "states": ("countries", "states"),
    "all_arrests": ("arrests",),
}
#: Fewest draws on which each interval may rest: with fewer, its ends would be the least and the greatest of them.
FEWEST = {0.80: 20, 0.95: 40}
#: Nominal probabilities of predictive intervals.
NOMINAL = tuple(FEWEST)
#: Fewest draws for a percentile.
FEWEST_DRAWS = min(FEWEST.values())
TEXTS = texts("cases")


def share_interval(hits: int, number: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper–Pearson) interval of a share; 0 to 1 where nothing was counted."""
    found = binomtest(hits, number).proportion_ci(confidence)
    return (float(found.low), float(found.high)) if number else (0.0, 1.0)


@dataclass(frozen=True)
class Expectation:
    """One measure of one case: draws of the model, given that it took the group down, and what happened."""

    case: RealCase  # what is on record
    measure: str  # a key of MEASURES
    draws: Floats  # float64, without NaN
    recorded: float | None  # what happened; None where the record does not say

    @property
    def flag(self) -> str:
        """Flag of what happened."""
        return "recalled" if set(_FIELDS[self.measure]) & set(self.case.recalled) else "verified"

    @property
    def step(self) -> tuple[float, float]:
        """Where what happened stands among the draws: P(X < value) and P(X ≤ value)."""
        if self.recorded is None:
            raise ValueError(f"{self.case.key}: {self.measure}: nothing on record")
        return float((self.draws < self.recorded).mean()), float((self.draws <= self.recorded).mean())

    @property
    def percentile(self) -> float:
        """The middle of that step, 0–100."""
        return 50.0 * sum(self.step)

    def span(self, probability: float) -> tuple[float, float]:
        """Central predictive interval, ends included: the least draws with at least these shares of all up to them."""
        tail = (1.0 - probability) / 2.0
        low, high = np.quantile(self.draws, [tail, 1.0 - tail], method="inverted_cdf")
        return float(low), float(high)


def frame_of(results: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Results as a table, one row each, with all arrests."""
    frame = pd.DataFrame(list(results))
    return frame.assign(all_arrests=frame["arrests"] + frame["client_arrests"])


def of_case(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Results of a case under a kind of law, where the condition of the record was met."""
    return frame[(frame["case"] == case.key) & (frame["law"] == str(law)) & frame["applies"]]


def taken_down(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Those of them that were taken down."""
    return of_case(frame, case, law).query("acted")


def expectation(frame: pd.DataFrame, case: RealCase, measure: str, law: Law = Law.AS_IT_WAS) -> Expectation:
    """One measure of one case."""
    draws = taken_down(frame, case, law)[measure].to_numpy(dtype=np.float64)
    recorded = {"months": case.months, "states": float(case.states), "all_arrests": case.arrests}[measure]
    if measure == "months" and case.opened is None:
        draws = draws[:0]  # nothing to be compared with
    return Expectation(case, measure, draws, None if recorded is None else float(recorded))


def acted_share(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> float:
    """Share of the groups of a case that were taken down; NaN where the condition was never met."""
    return float(of_case(frame, case, law)["acted"].astype(float).mean())


def by_seed(frame: pd.DataFrame, case: RealCase, law: Law) -> Floats:
    """Share of the groups of a case that were taken down, by seed, in order of the seed; float64 [seed]."""
    rows = frame[(frame["case"] == case.key) & (frame["law"] == str(law))]
    shares = rows["acted"].where(rows["applies"]).astype(float).groupby(rows["seed"]).mean()
    return np.asarray(shares, np.float64)


def case_page(results: pd.DataFrame, case: RealCase, command: str) -> Page:
    """The page of one case, from results as `frame_of` gives them."""
    other = f"{under_each_law(results, case)}\n\n{TEXTS['laws']}"
    sources, recalled = ("; ".join(map(marked, case.sources)), ", ".join(map(marked, case.recalled)) or "nothing")
    rests = f"{TEXTS['limits']}\n- Sources: {sources}.\n- Recalled, not verified: {recalled}."
    sections = (
        Chapter("What was asked", f"{in_time(case)} Nothing is fitted to the case."),
        Chapter("What happened, and where it falls", happened(results, case)),
        Chapter("The same case under other law", other, (exhibit(case),)),
        Chapter("What it rests on", rests),
    )
    title = f"{case.title}: what the model expected"
    return Page(title, case_sentences(results, case), sections=sections, manifest=made_by(command))


def exhibit(case: RealCase, prefix: str = "") -> Exhibit:
    """The figure of a case, whose file begins with a prefix."""
    return Exhibit(f"{case.title} under its law and other law", f"{prefix}laws")


def in_time(case: RealCase) -> str:
    """When it was, who led it, and what kind of group it met."""
    opened = f"Opened {case.opened:%Y-%m-%d}" if case.opened else "No opening on record"
    began = f"The group was active since {case.active_since:%Y}. " if case.active_since else ""
    kind = case.kind.replace("_", " ")
    return f"{began}{opened}, action {case.acted:%Y-%m-%d}. Lead: {case.lead}. Kind of group: {kind}."


def happened(results: pd.DataFrame, case: RealCase) -> str:
    """Every measure beside the record, and whether the group came back."""
    draws, groups = len(taken_down(results, case)), len(of_case(results, case))
    gone = 1.0 - float(results[results["law"] == str(Law.AS_IT_WAS)]["applies"].mean())
    left = f" {per_cent(gone)} of all groups were gone before the case opened, and are left out." if gone > 0.0 else ""
    return (
        f"Of {groups} groups in {results['seed'].nunique()} worlds, {draws} were taken down within five years of the "
        f"recorded action ({per_cent(acted_share(results, case))}).{left} A percentile of 50 is the "
        f"middle of what the model expected.\n\n{_table(results, case)}\n\n{_returned(results, case)}"
    )


def case_sentences(results: pd.DataFrame, case: RealCase) -> tuple[str, str, str]:
    """The answer on one case, plain text, from results under every kind of law."""
    worlds = counted(results["seed"].nunique(), "world")
    return (
        f"“{case.title}” was set in {worlds} of the model under the law of its days, and nothing is fitted to it.",
        f"The model takes {_share(mean(by_seed(results, case, Law.AS_IT_WAS)))} of such groups down within five "
        f"years{_beside(results, case)}.",
        f"{_other_law(results, case)}; famous operations may have met larger groups than the model drew.",
    )


def _share(share: Estimate) -> str:
    """A share with its interval over worlds."""
    if np.isnan(share.low):
        return number(share.value, "share")
    low, high = (100.0 * min(max(end, 0.0), 1.0) for end in (share.low, share.high))
    return f"{100 * share.value:.0f} % ({low:.0f} to {high:.0f} %)"


def _beside(results: pd.DataFrame, case: RealCase) -> str:
    """The first measure that is on record beside what the model expected of it; empty where nothing can be compared."""
    found = (expectation(results, case, measure) for measure in MEASURES)
    entry = next((one for one in found if one.recorded is not None and one.draws.size), None)
    if entry is None:
        return ""
    low, high = entry.span(NOMINAL[0])
    few = "" if entry.draws.size >= FEWEST_DRAWS else f", from only {counted(entry.draws.size, 'group')}"
    return (
        f"; {MEASURES[entry.measure]}: {entry.recorded:.0f} on record, {np.median(entry.draws):.0f} in the model "
        f"(80 % of groups {low:.0f} to {high:.0f}{few})"
    )


def _other_law(results: pd.DataFrame, case: RealCase) -> str:
    """The other law that changes the share most, beyond chance if there is one."""
    base = by_seed(results, case, Law.AS_IT_WAS)
    changes = {law: difference(by_seed(results, case, law), base) for law in Law if law is not Law.AS_IT_WAS}
    known = {law: change for law, change in changes.items() if not np.isnan(change.value)}
    if not known:
        return "Other law cannot be compared"
    clear = {law: change for law, change in known.items() if not change.includes_zero}
    law, change = max((clear or known).items(), key=lambda item: abs(item[1].value))
    size = span(*change[:3], "share")
    if np.isnan(change.low):
        return f"A single world says nothing about chance or other law ({NAMES[law]}: {100 * change.value:+.0f} points)"
    if clear:
        return f"Of other law, {NAMES[law]} changes that share most: {size}"
    return f"No other law changes that share by more than chance (largest: {NAMES[law]}, {size})"


def _table(results: pd.DataFrame, case: RealCase) -> str:
    """Every measure with its intervals, the record, its flag and its percentile."""
    rows = []
    for measure, label in MEASURES.items():
        entry = expectation(results, case, measure)
        if entry.draws.size:
            spans = [_ends(*entry.span(one)) if entry.draws.size >= few else "–" for one, few in FEWEST.items()]
            record = ("–", "–") if entry.recorded is None else (f"{entry.recorded:.0f}", f"{entry.percentile:.0f}")
            rows.append([label, record[0], entry.flag, f"{np.median(entry.draws):.0f}", *spans, record[1]])
    taken = taken_down(results, case)
    for column, label in (("arrests", "of them core members"), ("client_arrests", "of them affiliates, customers")):
        if len(taken):
            span = _ends(*np.quantile(taken[column], [0.1, 0.9], method="inverted_cdf"))
            rows.append([label, "–", "–", f"{taken[column].median():.0f}", span, "–", "–"])
    head = ["", "record", "flag", "median", "80 %", "95 %", "percentile of record"]
    return markdown_table(head, rows, {1, 3, 4, 5, 6})


def _ends(low: float, high: float) -> str:
    """An interval of whole numbers."""
    return f"{low:.0f}–{high:.0f}"


def _returned(results: pd.DataFrame, case: RealCase) -> str:
    """Return within two years."""
    recorded = {True: "it was back within two years", False: "it was not back within two years", None: "not on record"}
    back = of_case(results, case)["returned"].dropna()
    if back.empty:
        return f"Return: {recorded[case.returned]}."
    low, high = share_interval(int(back.sum()), len(back))
    return (
        f"Return: {recorded[case.returned]}; in the model {per_cent(back.mean())} of groups taken down were "
        f"(95 % interval {100 * low:.0f} to {100 * high:.0f} %)."
    )


def under_each_law(results: pd.DataFrame, case: RealCase) -> str:
    """One row per kind of law."""
    base, rows = by_seed(results, case, Law.AS_IT_WAS), []
    for law in Law:
        taken, change = taken_down(results, case, law), difference(by_seed(results, case, law), base)
        points = f"{100 * change.value:+.0f} ({100 * change.low:+.0f} to {100 * change.high:+.0f})"
        cells = [f"{taken[column].median():.0f}" if len(taken) else "–" for column in MEASURES]
        share, back = per_cent(acted_share(results, case, law)), per_cent(float(taken["returned"].mean()))
        rows.append([NAMES[law], share, "–" if law is Law.AS_IT_WAS else points, *cells, back])
    head = ["law", "taken down", "change, points", "months, median", "states, median", "arrests, median", "returned"]
    return f"{TEXTS['other_law']}\n\n{markdown_table(head, rows)}"
