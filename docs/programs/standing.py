"""Updates numbers in docs/trace.md, limits.md and strongest.md: `python -m docs.programs.standing`."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from docs.programs import ROOT, data, renew, table_of
from sim.calibration import prior
from sim.calibration.ensemble import Ensemble, load
from sim.calibration.targets import Role, of_role
from sim.calibration.validate import code_of, judged, meeting_all, movements, paragraph
from sim.data.influence import FILE as INFLUENCE
from sim.law.vocabulary import EvidenceTag
from sim.measures.outcomes import HEADLINES, outcome
from sim.policy.problem import InputError
from sim.results.effects import is_beyond_chance, is_defined, is_same
from sim.results.words import change, per_cent
from sim.world.parameters import declarations

COMMAND = "python -m docs.programs.standing"
PAGES = ("trace", "limits", "strongest")
REFERENCE = ROOT / "results" / "reference" / "differences.csv"
_NOT_YET = "Not yet calibrated: the model has changed since its parameter sets were chosen by published facts."
_SIZES = ("low", "high", "correlation", "correlation_low", "correlation_high", "share")
_FIRM = 0.95  # share of plausible worlds from which on a sign is called firm
_ALL_CHANCE = 0.98  # share of the spread from which on nothing can be said of parameters


def parts() -> dict[str, str]:
    """Text of every generated part, by name."""
    made = {"evidence": evidence(), "flips": flips(pd.read_csv(REFERENCE)), "strongest": strongest()}
    try:
        ensemble = load()
    except InputError:
        return made | dict.fromkeys(("fitted", "held_out", "unidentified"), paragraph(_NOT_YET))
    return made | {words.__name__: words(ensemble) for words in (fitted, held_out, unidentified)}


def evidence() -> str:
    """Text on the number of parameters by evidence tag."""
    tags = Counter(about.tag for _, _, about in declarations())
    counted = ", ".join(f"{tags[tag]} {tag.value}" for tag in EvidenceTag if tags[tag])
    return paragraph(
        f"{sum(tags.values())} parameters: {counted}. {len(prior.names())} that are not verified have a plausible "
        "range and are drawn from it, so that intervals hold what nobody knows of them."
    )


def fitted(ensemble: Ensemble) -> str:
    """Text on how the ensemble agrees with the facts that it was fitted to."""
    agree = [finding.agrees for finding in judged(ensemble, Role.FIT)]
    return paragraph(
        f"The median of {ensemble.size} parameter sets meets {sum(agree)} of {len(agree)} facts within the error of "
        f"their measurement; {per_cent(meeting_all(ensemble.frame, of_role(Role.FIT)))} of the sets meet all at once "
        f"({code_of(ensemble.manifest)})."
    )


def held_out(ensemble: Ensemble) -> str:
    """Text on how the ensemble agrees with held-out facts, and on the facts that it misses."""
    found = judged(ensemble, Role.VALIDATION)
    missed = [finding.target.title for finding in found if not finding.agrees]
    inside = len(found) - len(missed)
    rest = f" Outside: {'; '.join(missed)}." if missed else ""
    return paragraph(f"The median of the sets is inside for {inside} of {len(found)} facts that were held out.{rest}")


def unidentified(ensemble: Ensemble) -> str:
    """Text on the number of parameters whose range is narrowed by published facts."""
    values = prior.shares(ensemble.frame)
    moved = movements(values).query("identified").sort_values("ratio", kind="stable")
    return paragraph(
        f"Published facts narrow or move {len(moved)} of {len(prior.names())} parameters, most of all "
        f"{', '.join(f'`{name}`' for name in moved.index[:8])}. Nothing published says anything of the others "
        "([calibration.md](calibration.md) names them)."
    )


def strongest() -> str:
    """Markdown table of the parameters with most influence on outcomes in the last calibration."""
    rows, found = [], data(INFLUENCE, **dict.fromkeys(_SIZES, float)).to_dict("records")
    for row in found:
        low, value, high = (f"{row[f'correlation{end}']:+.2f}" for end in ("_low", "", "_high"))
        cells = f"`{row['parameter']}`", f"{row['low']:g} to {row['high']:g}", outcome(row["outcome"]).title
        rows.append((*cells, f"{value} ({low} to {high})", per_cent(row["share"])))
    head = ["parameter", "plausible range", "outcome", "rank correlation, 95 % interval", "share of its variation"]
    return table_of(pd.DataFrame(rows, columns=head), right={3, 4})


def flips(differences: pd.DataFrame) -> str:
    """Markdown table of headline effects by policy, with the certainty of each sign."""
    chosen = differences[(differences["block"] == "main") & differences["outcome"].isin(HEADLINES)]
    rows = []
    for row in chosen.itertuples():
        line = {"scenario": f"`{row.scenario}`", "outcome": f"{row.title} ({row.unit})"}
        rows.append(line | {"change, 95 % interval": change(row), "its sign over plausible worlds": _firmness(row)})
    return table_of(rows)


def _firmness(row: Any) -> str:
    """Text on the share of plausible worlds in which an effect has the same sign."""
    holds = float(row.holds)
    if not is_defined(row) or is_same(row):
        return "no change"
    if np.isnan(holds) or row.chance >= _ALL_CHANCE:
        no_spread = "firm: no spread between plausible worlds beyond chance was found"
        return no_spread if is_beyond_chance(row) else "chance alone is seen"
    return f"{'firm' if holds >= _FIRM else 'fragile'}: the same in {per_cent(holds)}"


if __name__ == "__main__":
    for page in PAGES:
        renew(page, parts(), COMMAND)
