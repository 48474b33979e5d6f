"""Compares three dated changes before today with the record: `python -m docs.programs.dated_changes`.

Writes a part of docs/natural_experiment.md. docs/programs/dated_changes.csv has the changes and what is measured of
each; it was on file before a world was simulated. A world begins two years before its change, and lives twice: as it
was, and without the change. Ordinary requests are counted by kind, state and year; groups hardly matter to them
(docs/ways.md), so that worlds have few.

- A provider: it never answers the state. Requests of the state in the year after over those without the change.
- An agreement: nobody has it. Orders of the state in the two years after.
- A treaty: the states have not joined. Requests of the states, to keep data as well, over those without the change.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, asked, data, ran, renew, table_of
from sim.calibration.ensemble import sets_of_today
from sim.data.load import states
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import Addressee, Ordinary

COMMAND, PAGE, SEEDS = "python -m docs.programs.dated_changes", "natural_experiment", 40
LIST = DOCS / "programs" / "dated_changes.csv"
PROVIDER, GROUPS = "Google", 20
#: Fewest requests of a state in the year before, for its growth to be one of the comparison.
FEWEST = 20
NINE_IN_TEN = 1.645
#: Kinds of ordinary request that each kind of change is measured by.
VOLUNTARY = tuple(Ordinary.VOLUNTARY + one for one in (Addressee.GATE, Addressee.GRADED, Addressee.STRICT))
BINDING = tuple(Ordinary.BINDING + one for one in Addressee)
COUNTED: Mapping[str, Sequence[int]] = {
    "door": (Ordinary.VOLUNTARY + Addressee.GATE,),
    "agreement": BINDING,
    "treaty": (*VOLUNTARY, *BINDING, Ordinary.PRESERVATION),
}


class Change(NamedTuple):
    """A dated change before today, as docs/programs/dated_changes.csv declares it."""

    change: str
    title: str
    kind: str
    states: tuple[str, ...]
    treaty: str
    day: str
    begins: str
    before: int
    after: int
    record: float  # NaN: counted from data
    source: str
    flag: str


def changes() -> list[Change]:
    """All changes, in the order of the file."""
    kinds: dict[str, Any] = {"states": lambda text: tuple(text.split()), "record": lambda text: float(text or "nan")}
    kinds |= {"before": int, "after": int}
    frame = pd.read_csv(LIST, keep_default_na=False, dtype=str)
    return [
        Change(*(kinds.get(str(name), str)(value) for name, value in zip(frame, row, strict=True)))
        for row in frame.itertuples(index=False, name=None)
    ]


class Record(NamedTuple):
    """Record of a change: value with a 90 % range, and a text on what was counted."""

    value: float
    low: float
    high: float
    what: str


def record_of(change: Change) -> Record:
    """Finds the record of a change, from the file or from the provider's counts by state."""
    if not np.isnan(change.record):
        chance = np.exp(NINE_IN_TEN / np.sqrt(change.record))  # of a count, which is all that is not known of it
        ends = change.record / chance, change.record * chance
        return Record(change.record, *ends, "orders in two years")
    frame = data("provider_requests.csv", requests=float)
    frame = frame[frame["provider"] == PROVIDER]
    kinds = ["direct", "preservation"] if change.kind == "treaty" else ["direct"]
    counts = frame[frame["kind"].isin(kinds)]
    by_year = counts.groupby(["state", counts["period_end"].str[:4]])["requests"].sum().unstack().fillna(0.0)
    first, last = by_year[str(change.before)], by_year[str(change.after)]
    return Record(
        *growth_over_others(first, last, change.states, _open_throughout(frame)), "growth over that of others"
    )


def _open_throughout(frame: pd.DataFrame) -> set[str]:
    """States that the provider gave data in every half-year of its counts."""
    direct = frame[frame["kind"] == "direct"].assign(share=lambda rows: pd.to_numeric(rows["share"], errors="coerce"))
    shares = direct.pivot_table(index="state", columns="period_end", values="share")
    return set(shares.index[(shares > 0.0).all(axis=1)])


def growth_over_others(
    first: "pd.Series[float]", last: "pd.Series[float]", own: Sequence[str], others: set[str]
) -> tuple[float, float, float]:
    """Growth of some states together over that of other states, with a 90 % range.

    The range is that of a single state: logs of growth of the others vary by a standard deviation, which some states
    together share by their parts; counts add their chance.
    """
    compared = [state for state in others if state not in own and first.get(state, 0.0) >= FEWEST]
    logs = np.log((last[compared].to_numpy() + 0.5) / (first[compared].to_numpy() + 0.5))
    counted = [state for state in own if state in first.index]
    before, after = first[counted].sum(), last[counted].sum()
    parts = (first[counted] + last[counted]) / (before + after)
    spread = float(logs.std(ddof=1)) * float(np.sqrt((parts**2).sum()))
    error = float(np.sqrt(spread**2 + 1.0 / max(before, 1.0) + 1.0 / max(after, 1.0)))
    middle = float(np.log((after + 0.5) / (before + 0.5)) - np.median(logs))
    low, high = middle - NINE_IN_TEN * error, middle + NINE_IN_TEN * error
    return float(np.exp(middle)), float(np.exp(low)), float(np.exp(high))


def begun(change: Change, seed: int, happens: bool) -> Simulation:
    """World of a seed that begins two years before a change, with or without it."""
    parameters = sets_of_today().parameters(Parameters(), seed)
    end = f"{change.after}-12-31"
    spec = WorldSpec(start=change.begins, policy_start=change.day, end=end, follow_up_days=0, groups=GROUPS)
    run = start(spec, parameters, _law(change, happens), Timeline(), seed)
    if change.kind == "door" and not happens:
        shut(run, change.states)
    return run


def _law(change: Change, happens: bool) -> LegalOrder:
    """Law of a world: today's dated law or, for an agreement or a treaty, the same without it."""
    law = legal_order()
    if happens or not change.treaty:
        return law
    return law.without(change.treaty, () if change.kind == "agreement" else change.states)


def shut(run: Simulation, closed: Sequence[str]) -> None:
    """Makes the provider answer some states never; without the trend of openings it stays so."""
    names = [str(row["provider"]) for row in data("provider_weights.csv").to_dict("records")]
    since = run.world.door_since
    writable, since.flags.writeable = since.flags.writeable, True
    since[names.index(PROVIDER), [states().index(state) for state in closed]] = np.inf
    since.flags.writeable = writable


def requests(run: Simulation, change: Change, years: Sequence[int]) -> float:
    """Ordinary requests of a change's states by the kinds that it is measured by, over some years."""
    rows, places = run.world.ordinary, [states().index(state) for state in change.states]
    kinds = np.isin(rows["kind"], COUNTED[change.kind])
    of_years = np.isin(rows["year"], years)
    return float(rows["requests"][kinds & of_years & np.isin(rows["state"], places)].sum())


def measured(job: tuple[Change, int]) -> float:
    """Value of a change's measure in the world of one seed."""
    change, seed = job
    found = {}
    for happens in (True, False) if change.kind != "agreement" else (True,):
        run = begun(change, seed, happens)
        run.advance(to_day(pd.Timestamp(f"{change.after}-12-31").date()))
        years = range(change.before, change.after + 1) if change.kind == "agreement" else (change.after,)
        found[happens] = requests(run, change, years)
    return found[True] if change.kind == "agreement" else found[True] / max(found[False], 1e-9)


def verdict(record: Record, values: Floats) -> str:
    """Text that says whether the record is in the model's 90 % interval, or their ranges overlap."""
    low, high = np.quantile(values, [0.05, 0.95])
    if low <= record.value <= high:
        return "inside"
    return "outside, ranges overlap" if record.low <= high and low <= record.high else "missed"


def table(values: Mapping[str, Floats]) -> str:
    """Markdown table of the changes: the record, the model, and a verdict."""
    rows = []
    for change in changes():
        record, worlds = record_of(change), values[change.change]
        low, middle, high = np.quantile(worlds, [0.05, 0.5, 0.95])
        rows.append(
            {
                "change": change.title,
                "day": change.day,
                "measure": f"{record.what}, {change.before} to {change.after}",
                "record (90 %)": _range(record.value, record.low, record.high),
                "model (90 % of worlds)": _range(middle, low, high),
                "record lies": verdict(record, worlds),
                "record is": change.flag,
            }
        )
    return table_of(rows, (3, 4))


def _range(value: float, low: float, high: float) -> str:
    def shown(number: float) -> str:
        return f"{number:,.0f}" if number >= 100.0 else f"{number:.2f}"

    return f"{shown(value)} ({shown(low)} to {shown(high)})"


def main() -> None:
    """Simulates missing worlds and updates the page."""
    wanted = asked(COMMAND, seeds=SEEDS)
    jobs = {
        f"{change.change}, seed {seed}": (change, seed) for change in changes() for seed in range(1, wanted.seeds + 1)
    }
    results: Mapping[str, Any] = ran(COMMAND, measured, jobs, wanted.workers)
    values = {
        change.change: np.array([one for job, one in results.items() if job.startswith(f"{change.change}, ")])
        for change in changes()
    }
    words = f"{wanted.seeds} pairs of worlds for each change, with calibrated parameter sets."
    renew(PAGE, {"dated": table(values), "dated_worlds": words}, COMMAND)


if __name__ == "__main__":
    from docs.programs import dated_changes  # processes find its classes there, and not in a main module

    dated_changes.main()
