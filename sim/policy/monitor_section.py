"""Reads the `monitor` section of a scenario file."""

from sim.law.suggest import nearest
from sim.policy.change import read_change
from sim.policy.document import Section
from sim.policy.lever import Quantity
from sim.policy.monitor import Measure, Monitor
from sim.policy.places import Atlas
from sim.policy.problem import InputError
from sim.policy.schema import ChangeEntry, MeasureEntry, MonitorEntry, MovedEntry
from sim.policy.units import read_euros_per_year, read_months, read_quantity

_LEAST_MONTHS, _MOST_MONTHS = 3, 60


def read_monitor(entry: MonitorEntry, section: Section, atlas: Atlas) -> Monitor | None:
    """Reads the section; mistakes are noted in it.

    Returns:
        The policymaker; None where anything is wrong.
    """
    measures = []
    for number, item in enumerate(entry.measures):
        if not section.below("measures", number).wrong():
            measures.append(_measure(item, entry, section.below("measures", number), atlas))
    _check_names(entry, section)
    if not entry.at_once.isdecimal() or not 1 <= int(entry.at_once) <= 100:
        problem, fix = "not a number of measures", "Write 1, 2 or so."
        section.note(InputError(problem, key="at_once", value=entry.at_once, fix=fix))
    every = section.read("every", _months_between_reviews, entry.every)
    budget = section.read("budget", read_euros_per_year, entry.budget)
    stop = section.read("stop_below", read_quantity, Quantity.SHARE, entry.stop_below, 0, 1)
    if every is None or budget is None or stop is None or not section.sound:
        return None
    return Monitor(
        first=entry.first_review,
        every_months=every,
        budget=budget,
        at_once=int(entry.at_once),
        scope=entry.figures,
        stop=stop,
        measures=tuple(measure for measure in measures if measure is not None),
        decides=entry.decides,
        plan=entry.plan,
    )


def _months_between_reviews(written: str) -> int:
    months = read_months(written, "a period between reviews")
    if not _LEAST_MONTHS <= months <= _MOST_MONTHS:
        problem = f"reviews come every {_LEAST_MONTHS} to {_MOST_MONTHS} months"
        raise InputError(problem, value=written, fix="Write for example '18 months'.")
    return months


def _check_names(entry: MonitorEntry, section: Section) -> None:
    """Checks that measures have names of their own, and that a plan uses them."""
    names = [item.name for item in entry.measures]
    if not names and not section.wrong("measures"):
        fix = "List at least one measure."
        section.note(InputError("there is nothing to choose from", key="measures", fix=fix))
    measures = [section.below("measures", number) for number in range(len(names))]
    readable = not any(measure.wrong("name") for measure in measures)
    for number, (name, measure) in enumerate(zip(names, measures, strict=True)):
        if name in names[:number] and not measure.wrong("name"):
            measure.note(InputError("two measures of this name", key="name", value=name, fix="Give each its own name."))
    for name in entry.plan:
        if readable and name not in names:
            section.note(InputError("names no measure", key="plan", value=name, fix=nearest(name, names)))


def _measure(item: MeasureEntry, entry: MonitorEntry, section: Section, atlas: Atlas) -> Measure | None:
    """One measure; its change begins when it is chosen. None where anything is wrong."""
    moved = {key: getattr(item, key) for key in MovedEntry.model_fields if key != "lag"}
    written = ChangeEntry.model_validate(moved | {"date": entry.first_review.isoformat()})
    lag = section.read("lag", read_months, item.lag, "a lag") if item.lag else 0
    expects = section.read("expects", read_quantity, Quantity.SHARE, item.expects, 0, 1)
    change = read_change(written, section, atlas)
    return Measure(item.name, change, lag or 0, item.against, expects) if change and expects is not None else None
