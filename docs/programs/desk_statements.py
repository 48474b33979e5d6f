"""Do desks and providers do what the design says, in draws of the prior and at the defaults?

`python -m docs.programs.desk_statements` measures it and writes it into docs/statements.md, a page of
docs/programs/statements.py, with a figure. The draws are not selected: every one that is taken counts. Waits are
means over some seeds of each draw; the rest is of the first seed, whose past a policy continues.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from docs.programs.statements import END, MARK, PAGE, renewed
from sim.agents.answering import openness, usual_days
from sim.calibration.interim import FIRST, shipped, values_of
from sim.calibration.promises import HIGH, KINDS, LOW, realised
from sim.engine.compiling import kernel
from sim.law.order import legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import Floats
from sim.policy.timeline import Assignment, Step, Timeline
from sim.report.marking import markdown_table
from sim.report.style import BLUE, SKY, VERMILLION, Key, frame, name_rows, new_figure, save, small_print, styled
from sim.simulate import Simulation, start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import DeskKind, ProviderPolicy, RequestStatus
from sim.world.world import World, records
from sim.world.world_pointer import attach

DRAWS = range(FIRST)
SEEDS = 2  # of a draw
DEFAULT_SEEDS = range(1, 5)
FIGURE = "desks"
_SPEC = replace(WorldSpec(), follow_up_days=0)
_FEWEST = 10  # answers of which a median is taken


@kernel
def doors_and_days(world: World, doors: Floats, days: Floats) -> int:
    """How far each large provider opens to each state today, and the usual days of its answers. Adds no rows."""
    attached = attach(world)
    request = attached.request[0]
    request.channel = Channel.PROVIDER_VOLUNTARY.value
    for provider in range(len(doors)):
        for state in range(len(attached.state)):
            doors[provider, state] = openness(attached, provider, state, attached.now[0])
            request.provider, request.requesting = provider, state
            days[provider, state] = usual_days(attached, request)
    return DONE


def policy(lever: str, value: float) -> Timeline:
    """A lever moved everywhere on the first day of policy."""
    return Timeline((Step(date.fromisoformat(_SPEC.policy_start), assignments=(Assignment(lever, value),)),))


def measured(parameters: Parameters, seeds: Sequence[int]) -> dict[str, float]:
    """All figures of one parameter set; those of waits are means over the seeds."""
    run = start(_SPEC, parameters, legal_order(), Timeline(), seeds[0])
    run.advance(float(run.world.setting["policy_start"][0]))
    shut, ranks = _doors(run)
    arms = [run.fork(policy(*moved)) for moved in (("provider.staff", 0.5), ("provider.opens", 3.0))]
    waits = [_desks(run)]
    for arm in arms:
        arm.advance(arm.end)
    few, opened = (arm.world for arm in arms)
    usual = voluntary_days(run.world)
    waits += [_desks(start(_SPEC, parameters, legal_order(), Timeline(), seed)) for seed in seeds[1:]]
    figures = {name: float(np.mean([one[name] for one in waits])) for name in waits[0]}
    figures |= {f"spread {kind.name}": float(np.std([one[f"ratio {kind.name}"] for one in waits])) for kind in KINDS}
    figures |= {"shut gate": shut[0], "shut graded": shut[1], "ranks": ranks, "voluntary": usual}
    figures["half the staff"] = 100.0 * (voluntary_days(few) / usual - 1.0)
    for name, channels in (("direct", (Channel.PROVIDER_VOLUNTARY,)), ("assistance", CENTRAL_AUTHORITY_CHANNELS)):
        before, after = (_sent_by_shut(world, run, channels) for world in (run.world, opened))
        figures[f"opened: {name}"] = 100.0 * (after / before - 1.0) if before else np.nan
    return figures


def _doors(run: Simulation) -> tuple[tuple[float, float], float]:
    """Share of states shut out by gates and by graded providers, and rank correlation of days between two of them."""
    from scipy.stats import spearmanr

    provider = run.world.provider
    doors, days = np.zeros((2, len(run.world.door_since), len(run.world.state)))
    copy = run.fork(Timeline())
    with_room(copy.world, doors_and_days, doors, days)
    policies, since = provider["policy"][: len(doors)], provider["since"][: len(doors)]
    gate, graded = ((policies == one) & (since <= run.day) for one in (ProviderPolicy.GATE, ProviderPolicy.GRADED))
    between = np.asarray(spearmanr(days[gate | graded], axis=1).statistic)
    apart = between[np.triu_indices(len(between), 1)]
    return (float((doors[gate] == 0.0).mean()), float((doors[graded] == 0.0).mean())), float(np.median(apart))


def _desks(run: Simulation) -> dict[str, float]:
    """Figures of waits; the run is lived to its end.

    By kind of desk realised ÷ target wait, days a year by which waits grow, and hours of a file; by channel the median
    days from sending a request to its answer, of those sent in the policy years.
    """
    yearly: list[Floats] = []
    figures = {f"ratio {kind.name}": ratio for kind, ratio in realised(run, yearly).items()}
    desk, job, request = run.world.desk, records(run.world, "job"), records(run.world, "request")
    policy_start = run.world.setting["policy_start"][0]
    files = np.bincount(job["desk"][job["arrived"] >= policy_start], minlength=len(desk))
    for kind in KINDS:
        at = (desk["kind"] == kind) & (files > 0)
        means = [float(np.average(wait[at], weights=files[at])) for wait in yearly]
        figures[f"slope {kind.name}"] = float(np.polyfit(np.arange(len(means)), means, 1)[0])
        figures[f"hours {kind.name}"] = float(np.average(desk["file_hours"][at], weights=files[at]))
    answered = (request["sent"] >= policy_start) & (request["case"] >= 0) & (request["abusive"] == 0)
    answered &= np.isin(request["status"], (RequestStatus.EXECUTED, RequestStatus.NO_DATA))
    for channel in Channel:
        days = (request["ended"] - request["sent"])[answered & (request["channel"] == channel)]
        figures[f"days {channel.name}"] = float(np.median(days)) if days.size >= _FEWEST else np.nan
    return figures


def voluntary_days(world: World) -> float:
    """Median days of a large provider to answer without an order, of what was sent in the policy years."""
    request = records(world, "request")
    large = (request["channel"] == Channel.PROVIDER_VOLUNTARY) & (request["status"] == RequestStatus.EXECUTED)
    large &= (request["sent"] >= world.setting["policy_start"][0]) & (request["provider"] < len(world.door_since))
    return float(np.median((request["ended"] - request["sent"])[large]))


def _sent_by_shut(world: World, run: Simulation, channels: Sequence[Channel]) -> float:
    """Requests of the policy years from the half of states that fewest gates answer."""
    request, odds = records(world, "request"), run.world.state["gate_odds"]
    rows = (request["sent"] >= world.setting["policy_start"][0]) & np.isin(request["channel"], list(channels))
    return float(np.count_nonzero(rows & (odds[request["requesting"]] < np.median(odds))))


def _kind(kind: DeskKind) -> str:
    """Name of a kind of desk in a sentence."""
    short = {DeskKind.FORENSIC: "laboratory", DeskKind.CONTACT_POINT: "24/7 point"}
    return short.get(kind, kind.name.lower().replace("_", " "))


def _channel(channel: Channel) -> str:
    """Name of a channel in a table."""
    short = {
        Channel.MLAT: "MLA treaty",
        Channel.BUDAPEST: "Budapest Convention",
        Channel.UN_CONVENTION: "UN Convention",
        Channel.PRESERVATION_24_7: "preservation, 24/7 point",
    }
    return short.get(channel, channel.name.lower().replace("_", " "))


#: What is shown of each figure: words, what should come out, and from which figure on it is so.
_LINES: tuple[tuple[str, str, str, float, float], ...] = (
    *((f"ratio {kind.name}", f"Realised ÷ target wait, {_kind(kind)}", "ratio", LOW, HIGH) for kind in KINDS),
    *((f"slope {kind.name}", f"Growth of the wait, {_kind(kind)}", "days a year", -0.3, 0.3) for kind in KINDS),
    ("shut gate", "States shut out by providers that answer some", "share", 0.25, 0.6),
    ("shut graded", "States shut out by graded providers", "share", 0.0, 0.05),
    ("ranks", "Rank correlation of usual days over states, two providers", "ρ", -1.0, 0.4),
    ("voluntary", "Voluntary answer of a large provider, median", "days", 2.0, 12.0),
    ("half the staff", "Half the staff of providers: that median", "%", 7.0, 100.0),
    ("opened: direct", "Shut doors opened: direct requests of states with few open", "%", 0.0, np.inf),
    ("opened: assistance", "Shut doors opened: their mutual assistance", "%", -20.0, np.inf),
)


def _mean(values: Floats) -> tuple[float, float]:
    """Mean over draws or seeds, and the half-width of its 95 % interval."""
    return float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5


def _cells(key: str, found: Sequence[Mapping[str, float]], low: float, high: float) -> list[str]:
    """What came out, and whether it is as expected: by draw, for growth of waits by the mean over draws."""
    values = np.array([one[key] for one in found])
    values = values[~np.isnan(values)]
    if key.startswith("slope"):
        mean, half = _mean(values)
        verdict = "holds" if low <= mean - half and mean + half <= high else "open"
        if mean - half > high or mean + half < low:
            verdict = "**does not hold**"
        return [f"mean {mean:+.2f} ± {half:.2f}", verdict]
    p10, middle, p90 = np.quantile(values, [0.1, 0.5, 0.9])
    inside = int(((values >= low) & (values <= high)).sum())
    return [f"{middle:.2f} ({p10:.2f} to {p90:.2f})", f"{inside} of {len(values)}"]


def _rank(drawn: Sequence[Mapping[str, float]], kind: DeskKind) -> float:
    """Rank correlation over draws of realised ÷ target wait with the hours of a file."""
    from scipy.stats import spearmanr

    ratio, hours = ([one[f"{what} {kind.name}"] for one in drawn] for what in ("ratio", "hours"))
    return float(spearmanr(ratio, hours).statistic)


def section(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> str:
    """The part of the page."""
    rows = []
    for key, text, unit, low, high in _LINES:
        bounds = " to ".join(f"{value:g}" if np.isfinite(value) else "–" for value in (low, high))
        rows.append(
            [text, unit, *(cell for found in (drawn, default) for cell in _cells(key, found, low, high)), bounds]
        )
    ranks = {kind: _rank(drawn, kind) for kind in KINDS}
    error = 1.96 / (len(drawn) - 1) ** 0.5
    for kind, rank in ranks.items():
        cells = [
            f"{rank:+.2f} ± {error:.2f}",
            "holds" if rank + error < 0.3 else "open" if rank - error < 0.3 else "**does not hold**",
        ]
        rows.append(
            [
                f"Rank correlation of realised ÷ target with hours of a file, {_kind(kind)}",
                "ρ",
                *cells,
                "–",
                "–",
                "– to 0.3",
            ]
        )
    spreads = {kind: np.mean([one[f"spread {kind.name}"] ** 2 for one in drawn]) for kind in KINDS}
    chance = [f"{_kind(k)} {(v * SEEDS / (SEEDS - 1)) ** 0.5:.2f}" for k, v in spreads.items()]
    head = ["statement", "unit", "draws: median (p10 to p90)", "inside", "default: median (p10 to p90)", "inside"]
    return "\n".join(
        [
            MARK,
            "## Desks and providers",
            "",
            f"{len(drawn)} draws of the prior that nobody selected (`sim.calibration.interim.values_of(draw)`, draw 0 "
            f"to {len(drawn) - 1}), and",
            f"{len(default)} seeds of the default parameters; 2027 to 2036, today's law. Waits are weighted by the",
            f"files that are followed, and are means over {SEEDS} runs of a draw (seeds 1000 + draw + 1000 for each",
            "further run); all else is of its first run. Growth of a wait is mostly chance in a draw: its mean over",
            "draws is judged, with its 95 % interval.",
            f"Standard deviation of realised ÷ target between runs of one draw: {', '.join(chance[:3])},",
            f"{', '.join(chance[3:])}.",
            "",
            markdown_table([*head, "expected"], rows, right=set()),
            "",
            f"![Waits of desks and days of channels](figures/{FIGURE}.png)",
            "",
            *_channels(drawn, default),
            "",
            *_rejected(),
            END,
            "",
        ]
    )


def _channels(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> list[str]:
    """Median days to an answer by channel."""
    rows = []
    for channel in Channel:
        cells = [_over(found, f"days {channel.name}") for found in (drawn, default)]
        if cells[0][1]:
            texts = [f"{median:.1f} ({p10:.1f} to {p90:.1f})" if n else "–" for (p10, median, p90), n in cells]
            rows.append([_channel(channel), *texts, str(cells[0][1])])
    head = ["channel", "draws: median over draws (p10 to p90)", "default: median over seeds (p10 to p90)", "draws"]
    return ["Median days from sending to an answer, with or without data:", "", markdown_table(head, rows, right=set())]


def _over(found: Sequence[Mapping[str, float]], key: str) -> tuple[Floats, int]:
    """p10, median and p90 over those that have the figure, and how many have it."""
    values = np.array([one[key] for one in found])
    values = values[~np.isnan(values)]
    return (np.quantile(values, [0.1, 0.5, 0.9]) if values.size else np.full(3, np.nan)), values.size


def _rejected() -> list[str]:
    """How many draws the sets of today were chosen from, and what the others broke."""
    from sim.policy.problem import InputError

    try:
        about = shipped().manifest
    except InputError:
        return []
    reasons = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in about["rejected_for"].items())
    said = [
        "Chances foreseen on action days are off by more than a tenth, and by more than chance explains, in",
        f"{about.get('chances_foreseen_wrongly')} of these draws; none was rejected for that.",
    ]
    return [
        f"The parameter sets of a comparison ({about['sets']}, not calibrated) come from {about['draws']} further",
        f"draws, of which {about['rejected']} were rejected for their desks (a draw can break several):",
        f"{reasons}.",
        *(said if "chances_foreseen_wrongly" in about else []),
    ]


def figure(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> Figure:
    """Realised ÷ target wait of each kind of desk, and median days of each channel, over draws."""
    made = new_figure(10.5, 4.6)
    desks, channels = made.subplots(1, 2)
    asked = [channel for channel in Channel if _over(drawn, f"days {channel.name}")[1]]
    panels = (
        (desks, [f"ratio {kind.name}" for kind in KINDS], [_kind(kind) for kind in KINDS]),
        (channels, [f"days {one.name}" for one in asked], [_channel(one) for one in asked]),
    )
    for axes, keys, names in panels:
        for row, key in enumerate(keys):
            (p10, median, p90), _ = _over(drawn, key)
            axes.plot([one[key] for one in drawn], np.full(len(drawn), row), "o", color=SKY, alpha=0.5, markersize=4)
            axes.plot([p10, p90], [row, row], color=BLUE)
            axes.plot([median], [row], "o", color=BLUE)
            axes.plot([_over(default, key)[0][1]], [row], "D", color=VERMILLION, markersize=5)
        name_rows(axes, names)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    desks.axvspan(LOW, HIGH, color="#E8F3EC", zorder=0)
    desks.set_xlim(0.5, 2.0)
    desks.set_xticks([0.5, LOW, 1.0, HIGH, 2.0])
    desks.set_xlabel("realised ÷ target wait")
    channels.set_xlabel("days from sending to an answer, median")
    handles = [
        Line2D([], [], color=SKY, marker="o", linestyle="", label="a draw of the prior"),
        Line2D([], [], color=BLUE, marker="o", label="median over draws, p10 to p90"),
        Line2D([], [], color=VERMILLION, marker="D", linestyle="", label="default parameters"),
    ]
    frame(
        made,
        "Do desks hold their targets, and how long do channels take?",
        f"{len(drawn)} draws that nobody selected, today's law, 2027 to 2036. The band is what the design asks for.",
        small_print("python -m docs.programs.desk_statements", "Waits weighted by followed files."),
        Key(handles, [str(handle.get_label()) for handle in handles], 3),
    )
    return made


def publish(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> None:
    """Writes the part of the page and its figure."""
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), section(drawn, default)), "utf-8")
    with styled():
        save(figure(drawn, default), PAGE.parent / "figures", FIGURE)


def main() -> None:
    """Measures and writes."""
    progress = partial(print, file=sys.stderr, flush=True)
    drawn, default = [], []
    for number in DRAWS:
        seeds = [1000 * (1 + run) + number for run in range(SEEDS)]
        drawn.append(measured(with_values(Parameters(), values_of(number)), seeds))
        progress(number, {key: round(value, 2) for key, value in drawn[-1].items()})
    for seed in DEFAULT_SEEDS:
        default.append(measured(Parameters(), [seed]))
        progress(seed)
    publish(drawn, default)


if __name__ == "__main__":
    main()
