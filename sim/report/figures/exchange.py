"""Requests sent and received, and answers received and given, by state."""

import pandas as pd

from sim.report.figures.rows import Panel, Rows
from sim.report.sentences import state_name
from sim.report.story import Story
from sim.report.style import BLUE, ORANGE, Caption, small_print
from sim.report.ticks import per_cent, spaced
from sim.results.words import number

BUSIEST = 20
#: Look and name of each side of a state, with its columns: requests, and those of them that were answered.
_SIDES = {
    "asking": ((BLUE, "-", "o"), "as requesting state", "sent", "answers_got"),
    "asked": ((ORANGE, "-", "s"), "as requested state", "received", "answers_given"),
}


def request_exchange(story: Story) -> Rows | None:
    """Two panels of the busiest states under the baseline; None where there are no requests."""
    rows = story.exchange[story.exchange["scenario"] == story.baseline]
    rows = rows[(rows["sent"] > 0) & (rows["received"] > 0)]
    rows = rows.assign(traffic=rows["sent"] + rows["received"]).nlargest(BUSIEST, "traffic", keep="first")
    if rows.empty:
        return None
    found = [
        pd.DataFrame({"series": side, "requests": rows[asked], "share": rows[answered] / rows[asked]})
        for side, (_, _, asked, answered) in _SIDES.items()
    ]
    marks = pd.concat([part.assign(row=range(len(rows))) for part in found], ignore_index=True)
    fewest, most = marks["requests"].min(), marks["requests"].max()
    return Rows(
        Caption(
            "Who asks, who is asked, and who gets answers?",
            f"The {len(rows)} states with the most requests to and from other states, under "
            f"“{story.drawn[story.baseline]}”, busiest first. Circles: requests that a state sends, and the "
            "share of them that is answered. Squares: requests that it receives, and the share of them that it "
            "answers. The longer the line, the less even the exchange. Direct requests to providers are left out.",
            small_print(
                story.command,
                f"Formal requests of the policy years that have had twelve months; mean of {story.basis}. An answer: "
                "executed, refused or no data.",
            ),
        ),
        [
            Panel(
                "Requests sent and received",
                "requests per run (log scale)",
                _joined(marks, "requests"),
                (0.8 * fewest, 1.25 * most),
                lines=(),
                ticks=spaced,
                scale="log",
            ),
            Panel(
                "Answers received and given",
                "share of requests that are answered",
                _joined(marks, "share"),
                (0.0, 1.0),
                lines=(),
                ticks=per_cent,
            ),
        ],
        [story.states[state] for state in rows["state"]],
        {side: shown for side, (shown, *_) in _SIDES.items()},
        {side: name for side, (_, name, *_) in _SIDES.items()},
        (9.6, 2.4 + 0.25 * len(rows)),
        places=dict.fromkeys(_SIDES, 0.0),
        columns={"panel": "shown", "row": "state", "series": "side", "value": "value"},
    )


def describe_exchange(story: Story) -> str:
    """Who sends and who receives most, and the share of it that is answered."""
    rows = story.exchange[story.exchange["scenario"] == story.baseline]
    sender, receiver = (rows.iloc[int(rows[column].to_numpy().argmax())] for column in ("sent", "received"))
    names = [state_name(int(row["state"])) for row in (sender, receiver)]
    got, given = sender["answers_got"] / sender["sent"], receiver["answers_given"] / receiver["received"]
    return (
        f"{names[0]} sends most, {number(sender['sent'])} requests per run, and gets an answer to "
        f"{number(got, 'share')}. {names[1]} receives most, {number(receiver['received'])}, and answers "
        f"{number(given, 'share')}. "
        f"Means of {story.basis}."
    )


def _joined(marks: pd.DataFrame, column: str) -> pd.DataFrame:
    """Marks with a line between the two of a state."""
    ends = marks.groupby("row")[column].agg(["min", "max"]).reindex(marks["row"])
    return marks.assign(value=marks[column], start=ends["min"].to_numpy(), end=ends["max"].to_numpy())
