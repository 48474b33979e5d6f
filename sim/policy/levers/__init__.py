"""Registry of all levers by name.

A lever is a row of sim/data/levers.csv, with its words, unit and range, and a line in the file of its theme here: the
rule by which it writes, and that by which it costs. Staff cost what they earn while they are there; systems,
training, templates and laws cost once, and systems, training and duties something every year. Prices are in
sim/data/unit_costs.csv. What is not for sale (politics, bounds of the model) is named, not priced.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sim.data import own
from sim.data.costs import LEDGER, Prices, central_prices
from sim.data.load import DataError
from sim.law.days import to_day
from sim.law.suggest import nearest
from sim.policy.lever import LawLever, WorldLever
from sim.policy.levers import authorities, law, liaison
from sim.policy.levers.shared import FILE, free, rows
from sim.policy.problem import InputError
from sim.policy.spending import Cost, Spending, SpendingLedger
from sim.policy.timeline import Assignment, Step
from sim.world.baseline import Baseline
from sim.world.parameters import REPLACED
from sim.world.world import World

_SHIPPED: tuple[LawLever | WorldLever, ...] = tuple(
    sorted((*law.LEVERS, *authorities.LEVERS, *liaison.LEVERS), key=lambda lever: list(rows()).index(lever.name))
)
_ALL = (*_SHIPPED, *own.made_by(own.LEVERS, (LawLever, WorldLever), lambda lever: lever.name, _SHIPPED))
if unruled := sorted(rows().keys() - {lever.name for lever in _ALL}):
    raise DataError(f"{FILE}: {unruled[0]}: there is no rule for this lever")
#: Levers that amend the law, by name.
LAW_LEVERS: Mapping[str, LawLever] = {lever.name: lever for lever in _ALL if isinstance(lever, LawLever)}
#: Levers that write into a world, by name.
WORLD_LEVERS: Mapping[str, WorldLever] = {lever.name: lever for lever in _ALL if isinstance(lever, WorldLever)}
#: Every lever by its name, in the order in which lists show them.
LEVERS: Mapping[str, LawLever | WorldLever] = {**LAW_LEVERS, **WORLD_LEVERS}


def find_lever(name: str) -> LawLever | WorldLever:
    """Finds a lever by name."""
    if name in LEVERS:
        return LEVERS[name]
    if name in REPLACED:
        raise InputError("there is no such lever", value=name, fix=f"It was replaced by {REPLACED[name]}.")
    moved = name.rpartition(".")[2]
    same = [lever for lever in LEVERS if lever.rpartition(".")[2] == moved]
    if same:
        # provider.deadline means instrument.deadline, not provider.staff.
        fix = nearest(name, same, what="") or f"Did you mean {' or '.join(same)}?"
    else:
        fix = nearest(name, LEVERS, what="one of the levers")
    raise InputError("there is no such lever", value=name, fix=fix)


def apply_assignments(world: World, assignments: Iterable[Assignment]) -> None:
    """Applies values of levers to a world's arrays, in the given order."""
    for assignment in assignments:
        WORLD_LEVERS[assignment.lever].writes(world, assignment)


def spend(
    steps: Sequence[Step], baseline: Baseline, end: float, prices: Prices | None = None, costs: Sequence[Cost] = ()
) -> Spending:
    """Cost of a policy's dated steps and of a scenario's other costs, up to a day.

    The baseline says what desks and channels were before the policy; without prices the central ones are paid.
    """
    ledger = SpendingLedger(baseline, prices or central_prices(), end)
    unpriced: dict[str, None] = {}
    for step in steps:
        day = to_day(step.on)
        moved = [*((entry.lever, entry) for entry in step.assignments), *((step.lever, one) for one in step.amendments)]
        for name, entry in moved:
            charges = LEVERS[name].charges if name else free
            if charges is None:
                unpriced[name] = None
            else:
                charges(ledger, day, entry)
    for cost in costs:
        # An amount that the scenario names itself belongs to no state.
        until = end if cost.until is None else min(to_day(cost.until), end)
        ledger.rows.append(np.array([(cost.payer, -1, to_day(cost.start), until, cost.once, cost.a_year, 0.0)], LEDGER))
    return Spending(np.concatenate([*ledger.rows, np.zeros(0, LEDGER)], dtype=LEDGER), tuple(unpriced))
