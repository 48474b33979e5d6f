"""Problem definitions for SALib and EMA Workbench: names and ranges of levers and parameters to vary."""

from __future__ import annotations

from typing import Any

from sim.api.entry_point import in_python
from sim.law.suggest import nearest
from sim.policy.problem import InputError, mistake


@in_python
def to_salib(*names: str) -> dict[str, Any]:
    """Problem definition for SALib: names and bounds of the given levers and parameters.

    Args:
        names: levers, which vary over all that they can be; parameters and themes, which vary over their plausible
            range. Switches of a theme are left out.

    Returns:
        `num_vars`, `names`, and `bounds` in the unit of each; what is plausible on a log scale has `dists` "logunif",
        whose bounds SALib takes as they are. All else is uniform between its bounds.

    Raises:
        InputError: a name that is not known, or has no range.

    Examples:
        >>> sim.to_salib("desk.rebound", "court.staff")["names"]
        ['desk.rebound', 'court.staff']
    """
    ranges = _ranges(names)
    problem: dict[str, Any] = {"num_vars": len(ranges), "names": [name for name, *_ in ranges]}
    problem["bounds"] = [[low, high] for _, low, high, _ in ranges]
    if any(is_log for *_, is_log in ranges):
        problem["dists"] = ["logunif" if is_log else "unif" for *_, is_log in ranges]
    return problem


@in_python
def to_ema(*names: str) -> list[Any]:
    """List of EMA Workbench parameters, one per given lever or model parameter; the Workbench must be installed.

    Args:
        names: as `to_salib` takes them.

    Returns:
        A `RealParameter` for each, whose variable is its full name: give the function of a model its values as
        `sim.simulate` takes them. Each is uniform between its ends, also where a log scale is plausible.

    Raises:
        InputError: a name that is not known, or has no range; EMA Workbench is not installed.

    Examples:
        >>> sim.to_ema("court.staff")[0].variable_name
        ['court.staff']
    """
    try:
        from ema_workbench import RealParameter
    except ImportError:
        raise InputError("EMA Workbench is not installed", key="to_ema", fix="pip install ema-workbench") from None
    return [
        RealParameter(name.replace(".", "__"), low, high, variable_name=[name]) for name, low, high, _ in _ranges(names)
    ]


def _ranges(names: tuple[str, ...]) -> list[tuple[str, float, float, bool]]:
    """Range of each lever or parameter that `names` means: name, lower end, upper end, and true for a log scale."""
    from sim.experiments.grammar import declared, parameters
    from sim.policy.levers import LEVERS
    from sim.world.parameters import Scale

    if not names:
        raise mistake("nothing varies", "names", fix="Name levers, parameters or themes, such as court.staff or desk.")
    ranges: dict[str, tuple[str, float, float, bool]] = {}
    for name in names:
        if name in LEVERS:
            lever = LEVERS[name]
            if not lever.gradual:
                raise mistake("no number, which has no range", "names", name, "Name levers that can rise by steps.")
            ranges[name] = name, lever.low, lever.high, False
            continue
        try:
            axes = [axis for axis in declared([name]) if not axis.listed]  # a switch has no range
        except InputError:
            known = [*LEVERS, *(key.removeprefix("uncertainty.") for key in parameters())]
            raise mistake("no lever or parameter of that name", "names", name, nearest(name, known)) from None
        if not axes:
            raise mistake("a switch, which has no range", "names", name, "Name a parameter that is a number.")
        for axis in axes:
            short = axis.name
            ranges[short] = short, float(axis.low), float(axis.high), axis.scale is Scale.LOG
    return list(ranges.values())
