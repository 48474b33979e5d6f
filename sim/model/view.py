"""Interactive page of the Mesa model in SolaraViz, with map, curves and buttons."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from sim.model.agents import CentralAuthority, CriminalGroup
from sim.model.cooperation import CooperationModel
from sim.policy.problem import InputError, extra_install
from sim.world.records import GroupStatus

#: Tiles between two states of one row, below which their names would overlap.
_CLOSE = 2.5
#: Scenarios to choose from on the page.
_CHOICES = ("status_quo", "harmonised_law", "faster_mlat", "stronger_liaison", "full_cooperation")


def view(**given: Any) -> Any:
    """Makes the page of a model for `solara run FILE`; FILE must assign it to the name `page`.

    Args:
        given: what `CooperationModel` takes; scenario, period and seed can be changed on the page.

    Raises:
        InputError: the extra `viz` is not installed, or a mistake in what was given.
    """
    try:
        import solara
        from mesa.visualization import SolaraViz
    except ImportError:
        raise InputError("SolaraViz is an extra part", key="view", fix=extra_install("viz")) from None

    @solara.component  # type: ignore[untyped-decorator, unused-ignore]  # Solara ships no types to those without it
    def Map(model: CooperationModel) -> None:  # noqa: N802 - a component
        """Map of the states on the page, redrawn after each step."""
        from mesa.visualization.utils import update_counter

        update_counter.get()
        solara.FigureMatplotlib(state_map(model), format="png", bbox_inches="tight")

    @solara.component  # type: ignore[untyped-decorator, unused-ignore]
    def Curves(model: CooperationModel) -> None:  # noqa: N802 - a component
        from mesa.visualization.utils import update_counter

        update_counter.get()
        solara.FigureMatplotlib(curves(model), format="png", bbox_inches="tight")

    given = {"scenario": "status_quo", "world": "tiny", "period_days": 30, "seed": 1, **given}
    choices = list(dict.fromkeys((str(given["scenario"]), *_CHOICES)))
    days = {"type": "SliderInt", "value": given["period_days"], "label": "Days of a step", "min": 1, "max": 90}
    fields = {
        **given,
        "scenario": {"type": "Select", "value": str(given["scenario"]), "values": choices, "label": "Scenario"},
        "period_days": days,
        "seed": {"type": "InputText", "value": str(given["seed"]), "label": "Seed"},
    }
    return SolaraViz(
        ViewedModel(**given), components=[Map, Curves], model_params=fields, name="Comity", play_interval=50
    )


class ViewedModel(CooperationModel):
    """Mesa model whose seed comes from a text field on the page; random if the text is no number."""

    def __init__(self, *, seed: int | str | None = None, **given: Any) -> None:
        text = str(seed).strip()
        super().__init__(seed=int(text) if text.isdecimal() else None, **given)


def curves(model: mesa.Model) -> Figure:
    """Draws the number of open requests, of active groups, and of actions so far that took a group down, by date."""
    rows = model.datacollector.get_model_vars_dataframe()
    days = np.array(rows["date"], "datetime64[D]")
    figure = Figure(figsize=(8, 5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    on_top: dict[str, Any] = {"clip_on": False, "zorder": 3}  # so that a line at zero shows above its axis
    above.plot(days, rows["open_requests"], **on_top)
    above.set_title("Open requests", loc="left", fontsize=11)
    below.plot(days, rows["active_groups"], label="active", **on_top)
    below.plot(days, rows["takedown_actions"], label="actions against them so far", **on_top)
    below.set_title("Groups", loc="left", fontsize=11)
    below.legend(frameon=False)
    for axes in (above, below):
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    locator = AutoDateLocator(maxticks=8)
    below.xaxis.set(major_locator=locator, major_formatter=ConciseDateFormatter(locator))
    return figure


def state_map(model: mesa.Model) -> Figure:
    """Draws a map of states, sized by files that wait at the central authority and coloured by active groups."""
    graph = model.space.G
    place = dict(graph.nodes(data="tile"))
    backlog = {agent.cell.coordinate: agent.backlog for agent in model.agents_by_type[CentralAuthority]}
    active = dict.fromkeys(graph, 0)
    for group in model.agents_by_type[CriminalGroup]:
        if group.status is GroupStatus.ACTIVE and group.cell is not None:
            active[group.cell.coordinate] += 1
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for a, b in graph.edges:
        axes.plot(*zip(place[a], place[b], strict=True), color="#c8c8c8", linewidth=0.8, zorder=1)
    nodes = list(graph)
    across, up = zip(*(place[node] for node in nodes), strict=True)
    drawn = axes.scatter(
        across,
        up,
        s=[40 + 400 * backlog[node] / max(1, *backlog.values()) for node in nodes],
        c=[active[node] for node in nodes],
        cmap="YlOrRd",
        vmin=0,
        vmax=max(5, *active.values()),
        edgecolors="#444444",
        zorder=2,
    )
    for node in nodes:
        # A state whose western neighbour is close has its name above, where that has it below.
        crowded = any(
            place[other][1] == place[node][1] and 0 < place[node][0] - place[other][0] < _CLOSE for other in nodes
        )
        up_or_down: dict[str, Any] = {"xytext": (0, 12 if crowded else -12), "va": "bottom" if crowded else "top"}
        axes.annotate(graph.nodes[node]["state"], place[node], textcoords="offset points", ha="center", **up_or_down)
    figure.colorbar(drawn, label="Active groups at home in the state", shrink=0.7)
    axes.set_title(f"{model.title}, {model.today}\nsize: files in the queue; grey: treaties on assistance", fontsize=11)
    axes.margins(0.08)
    axes.axis("off")
    return figure
