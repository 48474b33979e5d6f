"""Figures of a user's own, and which figure would narrow which answer: `sim.facts` and `sim.evidence`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.entry_point import PACKAGE, in_python

if TYPE_CHECKING:
    import pandas as pd

    from sim.calibration.own_facts import Weighing


#: The comparison that a checkout has.
REFERENCE = "results/reference"


class OwnFacts:
    """The user's figures, and what they do to calibrated parameter sets.

    Attributes:
        whose: whose figures they are.
        effective: effective number of parameter sets that are left.
        weights: weight of each parameter set, a Series whose index is the row of the set in `sim.ensemble()`.
        moved: one row per fact that runs of the sets measure: `fact`, `title`, `unit`, `is_given`, and the weighted
            median with its 5 and 95 % before and after weighing (`before`, `before_low`, `before_high`, `after`, …).

    Examples:
        >>> known = {"fact": "frozen", "low": 0.01}
        >>> found = sim.facts({"whose": "Ministry of Finance", "figures": [known]})
        >>> int(found.moved["is_given"].sum()), round(float(found.weights.sum()), 6)
        (1, 1.0)
    """

    def __init__(self, weighing: Weighing) -> None:
        import pandas as pd

        self.whose, self.effective = weighing.own.whose, weighing.effective
        self.weights = pd.Series(weighing.weights, name="weight")
        self.moved = weighing.moved()
        self._titles = [one.target.title for one in weighing.own.figures]
        self._of = weighing.ensemble.size

    def __repr__(self) -> str:
        names = "; ".join(self._titles)
        return f"Figures of {self.whose}: {names}\n{self.effective:.0f} of {self._of} parameter sets are left"


@in_python
def facts(file: str | Path | Mapping[str, object], *, ensemble: str | Path = PACKAGE) -> OwnFacts:
    """Weighs calibrated parameter sets by figures of one's own; `sim.compare(…, facts=FILE)` simulates with them.

    Args:
        file: YAML file, or a mapping like it, with `whose`, and a list `figures`, each with `fact` (a key of
            `sim.evidence()`), `low` and `high` (its 95 % range; of a bound, the one that is known) and, if you like,
            `source`.
        ensemble: `package`, or the folder of a calibration.

    Returns:
        The weights, the effective number of sets, and what moved.

    Raises:
        InputError: no such file, a figure that runs of the sets lack, or fewer than 20 effective sets.

    Examples:
        >>> known = {"fact": "mla_parties", "low": 6, "high": 12, "source": "register of requests"}
        >>> found = sim.facts({"whose": "Ministry of Justice", "figures": [known]})
        >>> 20 < found.effective <= 100
        True
    """
    from sim.api.simulating import ensemble_named
    from sim.calibration.own_facts import weigh

    given = file if isinstance(file, Mapping) else Path(file)
    return OwnFacts(weigh(given, ensemble_named(str(ensemble))))


@in_python
def evidence(study: str | Path = REFERENCE, *, ensemble: str | Path = PACKAGE) -> pd.DataFrame:
    """Says which figure, if it were known, would narrow which answer most.

    The effect of a policy in each parameter set is explained by what the runs of the set give for a fact. The part of
    its variance between sets that the fact explains in sets that are left out, times the part of the fact's own
    variance that a figure with the fact's error would settle, is what knowing it would take from that variance.

    Args:
        study: folder of a comparison with parameter sets (default: that of a checkout, results/reference)
        ensemble: `package`, or the folder of a calibration: the sets of the study

    Returns:
        One row per fact and answer, the largest first: `fact` (a key for `sim.facts`), `title`, `unit`, `policy`,
        `outcome`, `narrows` (expected reduction of the variance between sets, 0 to 1), `beyond_chance` (True if more
        than chance gives to any fact in 19 of 20 cases), `median`, `low` and `high` of
        the fact over sets (5, 50, 95 %).

    Raises:
        InputError: the study has no such parameter sets.

    Examples:
        >>> try:
        ...     sim.evidence("results/none")
        ... except sim.InputError as mistake:
        ...     print(mistake.problem)
        no comparison there
    """
    from sim.api.simulating import ensemble_named
    from sim.calibration.worth import table

    return table(ensemble_named(str(ensemble)), Path(study))
