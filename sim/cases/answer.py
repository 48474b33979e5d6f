"""The answer on operations in three sentences: what was set in the model, what it expected, and what limits that."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.cases.expected import MEASURES, acted_share, by_seed, expectation, expectations
from sim.cases.other_law import NAMES, Law
from sim.cases.real_case import RealCase
from sim.cases.scoring import FEWEST_DRAWS, NOMINAL, share_interval
from sim.experiments.statistics import Estimate, difference, mean
from sim.results.words import counted, listing, number, span


def case_sentences(results: pd.DataFrame, case: RealCase) -> tuple[str, str, str]:
    """The answer on one case, plain text.

    Args:
        results: as `frame_of` gives them, under every kind of law.
        case: what is on record.
    """
    worlds = counted(results["seed"].nunique(), "world")
    return (
        f"“{case.title}” was set in {worlds} of the model under the law of its days, and nothing is fitted to it.",
        f"The model takes {_per_cent(mean(by_seed(results, case, Law.AS_IT_WAS)))} of such groups down within five "
        f"years{_beside(results, case)}.",
        f"{_other_law(results, case)}; famous operations may have met larger groups than the model drew.",
    )


def _per_cent(share: Estimate) -> str:
    """A share with its interval over worlds."""
    if np.isnan(share.low):
        return number(share.value, "share")
    low, high = (100.0 * min(max(end, 0.0), 1.0) for end in (share.low, share.high))
    return f"{100 * share.value:.0f} % ({low:.0f} to {high:.0f} %)"


def _beside(results: pd.DataFrame, case: RealCase) -> str:
    """The first measure that is on record beside what the model expected of it; empty where nothing can be compared."""
    for measure, label in MEASURES.items():
        entry = expectation(results, case, measure)
        if entry.recorded is not None and entry.draws.size:
            low, high = entry.span(NOMINAL[0])
            few = "" if entry.draws.size >= FEWEST_DRAWS else f", from only {counted(entry.draws.size, 'group')}"
            return (
                f"; {label}: {entry.recorded:.0f} on record, {np.median(entry.draws):.0f} in the model (80 % of groups "
                f"{low:.0f} to {high:.0f}{few})"
            )
    return ""


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


def all_sentences(results: pd.DataFrame, placed: Sequence[RealCase]) -> tuple[str, str, str]:
    """The answer on all operations, plain text.

    Args:
        results: as `frame_of` gives them, under the law as it was.
        placed: operations that were set in the model.
    """
    held = [_held(results, placed, measure, label) for measure, label in MEASURES.items()]
    shares = np.array([acted_share(results, case) for case in placed])
    return (
        f"Operations on record ({len(placed)}) were set in {counted(results['seed'].nunique(), 'world')} of the model "
        "under the law of their days, with nothing fitted to them.",
        f"The model's 80 % intervals hold {listing([words for words in held if words])}."
        if any(held)
        else "Too few groups were taken down in the model to compare anything with the record.",
        f"Brackets hold chance; the model takes {100 * np.nanmean(shares):.0f} % of these groups down, "
        "in reality all were, since the record holds successes alone.",
    )


def _held(results: pd.DataFrame, placed: Sequence[RealCase], measure: str, label: str) -> str:
    """How many operations the 80 % interval of a measure holds, with the exact interval of that share."""
    enough = [entry for entry in expectations(results, placed, measure) if entry.has(NOMINAL[0])]
    if not enough:
        return ""
    hits = sum(entry.holds(NOMINAL[0]) for entry in enough)
    low, high = (100.0 * end for end in share_interval(hits, len(enough)))
    return f"{hits} of {len(enough)} for {label} ({low:.0f} to {high:.0f} %)"
