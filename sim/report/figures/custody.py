"""Members identified by name: their status after five years, and where those live who get away."""

from sim.experiments.statistics import Estimate
from sim.measures.fate import Fate
from sim.report.figures.kinds import Bars, Segment
from sim.report.figures.rows import PLAIN, Panel, Rows
from sim.report.sentences import at, clear, quoted, state_name, strongest
from sim.report.story import Story
from sim.report.style import BLUE, GREEN, ORANGE, SKY, VERMILLION, Caption, look, small_print
from sim.report.ticks import per_cent
from sim.results.labels import FATES
from sim.results.words import change, interval

#: Colour of the bar and of its number.
_LOOKS = {
    Fate.CONVICTED: (GREEN, "white"),
    Fate.ACQUITTED: ("#F0E442", "black"),
    Fate.SURRENDERED: (BLUE, "white"),
    Fate.HELD: (SKY, "black"),
    Fate.RELEASED: (VERMILLION, "white"),
    Fate.INDICTED: (ORANGE, "black"),
    Fate.WANTED: ("#C9C9C9", "black"),
    Fate.GIVEN_UP: ("#7A7A7A", "white"),
}
_INTERVALS = (
    "Pooled over replicates. 95 % intervals of the ratio over replicates, delta method; no interval where every "
    "replicate has the same share."
)


def fate_bars(story: Story) -> Bars | None:
    """One stacked bar per scenario; None where no member was identified early enough."""
    counts = story.fate_counts
    counts = counts[counts.sum(axis=1) > 0]
    if counts.empty:
        return None
    total, shown = counts.sum(axis=1), list(map(str, counts.index))
    per_run = [total[key] / story.replicates(key) for key in shown]
    names = [f"{story.drawn[key]}\n{members:.0f} members per run" for key, members in zip(shown, per_run, strict=True)]
    return Bars(
        Caption(
            "Named, but caught? Where identified members stand five years later",
            "Core members of groups that a case identified by name in the first half of the policy years, five years "
            "after that day. From left to right: judged, in custody, free. An indictment is not a conviction. "
            "Policies differ in how many members they identify: see the number under each name.",
            small_print(
                story.command, f"Pooled over {story.basis}; intervals of the share that is free are in the summary."
            ),
        ),
        counts.div(total, axis=0),
        {fate.value: Segment(FATES[fate], *look) for fate, look in _LOOKS.items()},
        names,
        "share of identified members",
        per_cent,
        1.0,
        0.025,
        lambda share: f"{100 * share:.0f}",
        across=3,
    )


def describe_fates(story: Story) -> str:
    """How many members are free after five years under the baseline, and which policy changes that most."""
    key = "impunity_share"
    text = (
        f"Under {quoted(story, story.baseline)}, {at(story, story.baseline, key)} of identified members are neither "
        "judged nor in custody after five years."
    )
    if not story.policies:
        return text
    return f"{text} {strongest(story, key)}{_why_more_are_free(story, key)}"


def _why_more_are_free(story: Story, key: str) -> str:
    """Why a policy that has more members arrested can still raise the share that is free."""
    free, arrested = clear(story, key), clear(story, "arrests_per_year")
    more = next((entry for entry in arrested if free and entry.scenario == free[0].scenario), None)
    if not more or more.difference < 0 or free[0].difference < 0:
        return ""
    return (
        f" More are arrested there as well ({change(more)} per year): more are identified, many of them out of reach."
    )


def describe_impunity(story: Story) -> str:
    """The states of residence with the largest and the smallest share."""
    rows = story.impunity[story.impunity["scenario"] == story.baseline]
    rows = rows.sort_values("share", ascending=False, kind="stable").iloc[[0, -1]]
    columns = (rows[column] for column in ("residence", "share", "low", "high"))
    ends = [
        f"{state_name(state)} ({interval(Estimate(share, max(low, 0.0), min(high, 1.0), 0), 'share')})"
        for state, share, low, high in zip(*columns, strict=True)
    ]
    return (
        f"Under {quoted(story, story.baseline)}, identified members get away most often in {ends[0]} and least often "
        f"in {ends[1]}, of the states where most of them live."
    )


def impunity_by_residence(story: Story) -> Rows | None:
    """Dots by state of residence, one per scenario; None where no member was identified early enough."""
    table, shown = story.impunity, [story.baseline, *story.policies]
    members = table[table["scenario"] == story.baseline].set_index("residence")["members"]
    if members.empty:
        return None
    row = {state: place for place, state in enumerate(members.index)}
    marks = table[table["scenario"].isin(shown) & table["residence"].isin(row)].rename(
        columns={"share": "value", "low": "start", "high": "end", "scenario": "series"}
    )
    marks = marks.assign(row=marks["residence"].map(row), least=0.0, end=marks["end"].clip(upper=1.0))
    return Rows(
        Caption(
            "Where do identified members get away?",
            "Share of identified members who after five years are at large, released without trial or no longer "
            "sought, by state of residence, in the states where most of them live. In brackets: how many were "
            f"identified under “{story.drawn[story.baseline]}” in all replicates together; few members give wide "
            "intervals.",
            small_print(story.command, _INTERVALS),
        ),
        [Panel("", "share neither judged nor in custody", marks, (0.0, 1.0), ticks=per_cent)],
        [f"{story.states[state]}  ({members[state]:.0f})" for state in members.index],
        {key: look(key, story.scenarios) for key in shown},
        story.title,
        (9.6, 2.3 + 0.5 * len(members)),
        columns={"row": "residence"}
        | PLAIN
        | {"row": "residence", "series": "scenario", "value": "share", "members": "members"},
    )
