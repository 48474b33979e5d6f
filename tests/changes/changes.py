# ruff: noqa: E501  # rows of data are long
"""Typical changes to Comity, as functions that make the change in a copy, with code that uses it.

What CONTRIBUTING.md teaches has its example there (`taught`). The others are functions (`change`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.changes.tree import Tree


@dataclass(frozen=True)
class Change:
    """A typical change: its name, the function that makes it, and code that uses it."""

    make: Callable[[Tree], None]
    use: str  # Python, run in a copy that has the change: rules as plain Python
    quick: bool = False  # used by `make test` as well
    compiles: bool = False  # touches rules in a way that a compiler may see otherwise than Python


CHANGES: dict[str, Change] = {}


def change(name: str, use: str, *, quick: bool = False, compiles: bool = False) -> Callable[..., None]:
    """Decorator that registers a function as a change."""

    def register(make: Callable[[Tree], None]) -> None:
        CHANGES[name] = Change(make, use, quick, compiles)

    return register


def taught(kind: str, use: str, *, quick: bool = False, compiles: bool = False) -> None:
    """Registers a change that a section of CONTRIBUTING.md explains."""
    CHANGES[kind] = Change(lambda tree: tree.example(kind), use, quick, compiles)


taught(
    "outcome",
    """
from sim.measures.outcomes import outcome
from sim.world.records import RequestStatus
from tests.measures.worlds import observation, request
seen = observation(request=[request(0, 100), request(0, 100, loops=1), request(0, 50, status=RequestStatus.REFUSED)])
assert outcome("executed_without_return_share").measure(seen) == 1 / 3
""",
    quick=True,
)
taught(
    "lever",
    """
from types import SimpleNamespace
from sim.policy.levers import LEVERS, apply_assignments
from sim.policy.timeline import Assignment
from sim.world.parameters import Parameters, setting
lever = LEVERS["request.closure_notified"]
world = SimpleNamespace(setting=setting(Parameters(), 1))
assert world.setting["closure_notified"][0] == lever.neutral
apply_assignments(world, [Assignment(lever.name, 0.8)])
assert world.setting["closure_notified"][0] == 0.8
""",
    quick=True,
)
taught(
    "scenario",
    """
from sim.law.order import legal_order
from sim.policy.check import check
from sim.policy.scenario import catalogue, load
assert "electronic_first" in catalogue()
scenario = load("electronic_first")
assert {one.lever.name for one in scenario.changes} == {"transmission.electronic_share", "request.template"}
""",
    quick=True,
)
taught(
    "state",
    """
import sim
from sim.law.order import legal_order
assert len(legal_order().states) == 197
found = sim.law("Kosovo", "ALB", "content", on="2026-09-01")
assert "letters rogatory" in list(found.open["channel"])
assert any("XKX" in fact for fact in found.facts["fact"])
""",
    quick=True,
)
taught(
    "parameter",
    """
from sim.world.parameters import Parameters, declarations, setting
assert "request.appeal_withdrawn" in {name for name, _, _ in declarations()}
assert setting(Parameters(), 1)["appeal_withdrawn"][0] == 0.1
""",
)
taught(
    "record field",
    """
import numpy as np
from sim.world.records import GROWING, REQUEST
assert "appealed" in GROWING["request"].names
assert np.isnan(REQUEST.neutral["appealed"])
""",
)
taught(
    "agent",
    """
from sim.agents.inspector import InspectorEvent
from sim.engine.clock import EVENT_COUNTS
from sim.world.parameters import WorldSpec
from tests.tiny import ended
spec = WorldSpec(groups=1, start="2026-01-01", policy_start="2026-06-01", end="2027-01-05", states=["DEU", "FRA"])
spec.background, spec.follow_up_days = False, 0
world = ended(spec=spec)
assert world.counters[EVENT_COUNTS + InspectorEvent.INSPECTION] == len(world.state)
""",
)
taught(
    "treaty",
    """
import sim
for day, governs in (("2027-05-31", False), ("2027-06-01", True)):
    found = sim.law("BRA", "IND", "content", on=day)
    assert ("five_states_mla" in [channel.terms.id for channel in found.answer.open]) == governs
""",
)
taught(
    "offence",
    """
import sim
from datetime import date
from sim.law.order import legal_order
from sim.law.vocabulary import Offence
law = legal_order()
found = sim.law("DEU", "USA", "content", offence="extortion", on="2026-09-01").facts.set_index("fact")["value"]
assert found["DEU: extortion is an offence"].startswith("yes")
assert found["DEU: maximum penalty"] == "5 years"
assert found["USA: extortion is an offence"].startswith("uncertain")
arrays = law.arrays(date(2026, 9, 1))
assert arrays.offence.shape == (len(law.states), len(Offence))
assert (arrays.conducts >> Offence.EXTORTION & 1).sum() == 1
""",
)


@change(
    "mechanism",
    """
from sim.agents.assistance.court import appeal_follows
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.parameters import Parameters, setting
from sim.world.records import REQUEST
import numpy as np
assert len(Purpose.__members__) == len(set(Purpose)), "a purpose has the number of another"
numbers = setting(Parameters(), 1).view(np.recarray)[0]
request = np.array([REQUEST.neutral], REQUEST.dtype).view(np.recarray)[0]
request.channel, request.data_kind, request.key = Channel.MLAT, DataKind.CONTENT, 5
numbers.appeal_probability = 1.0
for share, appeals in ((0.0, True), (1.0, False)):
    numbers.appeal_withdrawn = share
    assert appeal_follows(numbers, request) == appeals
""",
)
def _mechanism(tree: Tree) -> None:
    """Adds a mechanism that reads the parameter of another example."""
    tree.example("parameter")
    tree.example("mechanism")


@change(
    "channel",
    """
import sim
found = sim.law("BRA", "IND", "subscriber", on="2027-07-01")
assert "registrars" in list(found.open["channel"])
assert "registrars" not in list(sim.law("BRA", "IND", "content", on="2027-07-01").open["channel"])
""",
)
def _channel(tree: Tree) -> None:
    """Adds a channel that the treaty of another example opens."""
    tree.example("treaty")
    tree.example("channel")


#: A comparison on stand-ins for worlds, of which a report can be made.
_VIEW = """
import tempfile
from pathlib import Path
from tests.report.conftest import six_scenarios
view = six_scenarios(Path(tempfile.mkdtemp()))
"""


@change(
    "figure",
    f"""{_VIEW}
from sim.report.draw import FIGURES
from sim.report.page.parts import markdown_of
from sim.report.pages import page_of
from sim.report.style import styled
picture = FIGURES["requests_by_end"]
with styled():
    assert picture.draw(view) is not None and picture.describe(view)
assert "How requests end" in markdown_of(page_of(view, ["requests_by_end"]))
""",
)
def _figure(tree: Tree) -> None:
    """Adds a figure of requests by result, under each scenario."""
    figures = "sim/report/figures"
    for code, look in (
        ("EXECUTED", "#009E73,white"),
        ("NO_DATA", "#56B4E9,black"),
        ("REFUSED", "#D55E00,white"),
        ("WITHDRAWN", "#7A7A7A,white"),
        ("NOT_SENT", "#C9C9C9,black"),
        ("OPEN", "#F0E442,black"),
    ):
        tree.rows(f"{figures}/segments.csv", f"ends,{code},{look},\n")
    tree.replace(
        f"{figures}/curves.py",
        "import AGES, BEFORE_SENDING, FATES, STAGES",
        "import AGES, ANSWERS, BEFORE_SENDING, FATES, STAGES",
    )
    tree.rows(
        f"{figures}/curves.py",
        '''

_ENDS = _segments("ends", ANSWERS)


def end_bars(view: View) -> Bars | None:
    """One stacked bar per scenario: how formal requests ended; None where none was sent."""
    rows = view.main("requests_by_end")
    counts = rows.pivot_table("requests", "scenario", "status", "sum", fill_value=0.0, observed=True)
    counts = counts.rename(columns={end.value: label for end, label in ANSWERS.items()})
    shown = [key for key in view.scenarios if key in counts.index]
    counts = counts.reindex(index=shown, columns=[*ANSWERS.values()], fill_value=0.0)
    if counts.empty:
        return None
    names = [view.drawn[key] for key in shown]
    axis, write = ("share of requests sent", per_cent, 1.0, 0.025), lambda share: f"{100 * share:.0f}"
    shares = counts.div(counts.sum(axis=1), axis=0)
    return Bars(captioned(view, "end_bars"), shares, [*_ENDS], names, *axis, write, across=3)


def describe_ends(view: View) -> str:
    """Which policy changes most what is executed in time."""
    return strongest(view, "executed_within_12_months") if view.policies else ""
''',
    )
    tree.before(
        "sim/report/draw.py",
        "members_by_fate=",
        "    requests_by_end=(curves.end_bars, curves.describe_ends),\n",
    )
    tree.replace(
        "sim/report/draw.py",
        '("turnaround_distribution", "open_by_age")',
        '("turnaround_distribution", "requests_by_end", "open_by_age")',
    )
    tree.before(
        "sim/report/texts.yaml",
        "caption_fate_bars:",
        "caption_end_bars:\n  title: How requests end\n  reads: Formal requests of the policy years, by how they ended.\n"
        '  rests: "{basis}."\n',
    )
    tree.before("sim/report/texts.yaml", "members_by_fate:", "  requests_by_end: How requests end\n")


@change(
    "report section",
    f"""{_VIEW}
from types import SimpleNamespace
from sim.report.page.parts import markdown_of
from sim.report.pages import page_of
from sim.web import site
from sim.web.sections import LiveAnswer, live_sections
assert "## How requests end" in markdown_of(page_of(view, []))
keys = [one.key for one in live_sections()]
assert keys.index("stages") < keys.index("ends") < keys.index("gains")
live, piece = live_sections()[keys.index("ends")], site.templates().get_template("parts.html").module
for pairs, words in ((True, "executed"), (False, "once all pairs are there")):
    known = [SimpleNamespace(finished=pairs, few=not pairs)]
    assert words in str(live.draw(LiveAnswer(known, ["Policy"], piece, view)))
""",
)
def _section(tree: Tree) -> None:
    """Adds a section with a table of requests by result."""
    tree.before(
        "sim/report/tables.py",
        "#: Steps of requests in the breakdown of states",
        '''@section("How requests end", 35, pages=(PageKind.COMPARE, PageKind.WHAT_IF))
def ends(view: View) -> str:
    """How requests ended, of a hundred, under each scenario."""
    rows = view.main("requests_by_end")
    counts = rows.pivot_table("requests", "scenario", "status", "sum", fill_value=0.0, observed=True)
    shares = 100.0 * counts.div(counts.sum(axis=1), axis=0)
    shown = [(label, end.value) for end, label in ANSWERS.items() if end.value in shares]
    lines = [[label, *(rough(float(shares[end][key])) for key in view.scenarios)] for label, end in shown]
    return f"{worded('ends')}\\n\\n{markdown_table(['', *(view.marked[key] for key in view.scenarios)], lines)}"


''',
    )
    tree.replace(
        "sim/report/tables.py",
        "from sim.results.labels import ",
        "from sim.results.labels import ANSWERS, ",
    )
    tree.before("sim/report/texts.yaml", "funnel:", "ends: Formal requests of the policy years, of a hundred.\n")
    tree.replace("sim/web/worker.py", '"turnaround_curve", ', '"turnaround_curve", "requests_by_end", ')


#: A small world of states that share the body.
_AMERICAS = """
import numpy as np
from sim.world.parameters import WorldSpec
from sim.world.records import Body
from sim.world.world import records
from tests.tiny import begun, ended
spec = WorldSpec(groups=12, start="2026-01-01", policy_start="2026-06-01", end="2027-06-30", states=["BRA", "COL", "USA"])
spec.background, spec.follow_up_days = False, 0
"""


taught(
    "liaison body",
    f"""{_AMERICAS}
from sim.results.labels import BODIES
world = ended(spec=spec)
setting, body = world.setting[0], world.liaison_body[Body["AMERIPOL"]]
assert (records(world, "referral").body == body.kind).any(), "nobody asks it"
assert body.match_rate == setting.match_interpol
assert world.desk[body.desk].servers == body.staff > 0 and world.desk[body.desk].file_hours == setting.compare_hours
assert world.desk[world.liaison_body[Body.CONTACT_POINTS].desk].kind != world.desk[body.desk].kind
assert BODIES[Body["AMERIPOL"]] == "Ameripol"
""",
)


taught(
    "stage",
    """
from sim.report.explain.accounts import said
from sim.results.labels import BEFORE_SENDING, STAGES as TITLES
from sim.world.parameters import WorldSpec
from sim.world.records import STAGES, Stage
from sim.world.world import records
from tests.tiny import ended
spec = WorldSpec(groups=4, start="2026-01-01", policy_start="2026-06-01", end="2027-06-30", states=["BRA", "USA", "COL"])
spec.background, spec.follow_up_days = False, 0
spent = records(ended(spec=spec), "request").stage_days.sum(axis=0)
assert len(spent) == STAGES == len(Stage) and spent[Stage.LEGALISATION - 1] > 0 and spent[Stage.FORENSICS - 1] > 0
assert TITLES[Stage.LEGALISATION] == "legalisation" and Stage.LEGALISATION in BEFORE_SENDING
from sim.report.figures.curves import _STAGES
assert any(Stage.LEGALISATION in codes for codes in _STAGES.values())
""",
    compiles=True,
)


@change(
    "desk",
    """
import numpy as np
from sim.results.labels import DESKS
from sim.world.parameters import WorldSpec
from sim.world.records import DeskKind, UnitKind
from sim.world.world import records
from tests.tiny import ended
spec = WorldSpec(groups=4, start="2026-01-01", policy_start="2026-06-01", end="2027-06-30", states=["BRA", "USA", "COL"])
spec.background, spec.follow_up_days = False, 0
world = ended(spec=spec)
states, kind = len(world.state), DeskKind.PROSECUTION
assert (world.desk.kind[kind * states : (kind + 1) * states] == kind).all() and UnitKind.PROSECUTION == kind
assert (world.provider.desk == np.flatnonzero(world.desk.kind == DeskKind.PROVIDER)).all()
jobs = records(world, "job")
assert (world.desk.kind[jobs.desk[jobs.stage == 7]] == kind).any() and DESKS[kind] == "the prosecutor of"
""",
    compiles=True,
)
def _desk(tree: Tree) -> None:
    """Adds a desk of prosecutors in each state, who review requests."""
    tree.before(
        "sim/world/records/desks.py",
        "PROVIDER = DeskRow(",
        """    PROSECUTION = DeskRow(
        "the prosecutor of",
        "prosecutors",
        unit=True,
        persons=0.20,
        hours=("request.court_touch_hours",),
        wait="court_wait_days",
        chance=0.17,
        credit="dated_credit",
    )
""",
    )
    tree.replace("sim/world/records/stages.py", 'desk="at_reviewer"', 'desk="at_prosecutor"')
    tree.before(
        "sim/agents/assistance/request_at_desk.py",
        "stage_desk = row_ladder(",
        '''@rule
def at_prosecutor(world: World, request: Record) -> int:
    """Row of the desk of the requested state's prosecutors."""
    return DeskKind.PROSECUTION * len(world.state) + request.requested


''',
    )


@change(
    "mechanism removed",
    """
import sim.simulate
from sim.agents.events import kinds
from sim.measures.outcomes import CHECKS, OUTCOMES
from sim.world.parameters import WorldSpec, declarations
from tests.tiny import ended
assert "ACTION_JOINED" not in {kind.name for kind in kinds().values()}
assert "wave_share" not in {one.key for one in (*OUTCOMES, *CHECKS)}
assert "mechanism.with_waves" not in {name for name, _, _ in declarations()}
spec = WorldSpec(groups=6, start="2026-01-01", policy_start="2026-06-01", end="2027-06-30", states=["DEU", "FRA", "USA"])
spec.background, spec.follow_up_days = False, 0
assert len(ended(spec=spec).action) > 0
""",
    compiles=True,
)
def _without_waves(tree: Tree) -> None:
    """Removes the mechanism of joint action days, with its event and outcome.

    Rows of sim/data/evidence.csv that name it go when `make ablation` writes them again; its tests are not counted.
    """
    tree.delete("sim/agents/investigation/waves.py")
    tree.delete("sim/measures/waves.py")
    tree.drop_row("sim/data/parameters.csv", "mechanism.with_waves,")


@change(
    "concept renamed",
    """
import subprocess, sys
from pathlib import Path
from sim.world.records import Stage
assert Stage.SUPPLEMENT == 6 and "DEFICIENCY_RETURN" not in Stage.__members__
tests = [*Path("tests/agents").rglob("test_*.py"), Path("tests/policy/test_monitor.py")]
files = [str(path) for path in tests if "supplement" in path.read_text("utf-8").lower()]
assert len(files) > 3, files
words = [sys.executable, "-m", "pytest", "-q", "-x", "--assert=plain", "-p", "no:cacheprovider", *files]
words[5:5] = ["-W", "ignore:overflow"]  # rules run as Python, in which products of bits say that they overflow
done = subprocess.run(words, capture_output=True, text=True)
assert done.returncode == 0, done.stdout[-3000:]
""",
    compiles=True,
)
def _renamed(tree: Tree) -> None:
    """Renames the stage DEFICIENCY_RETURN to SUPPLEMENT."""
    tree.rename("DEFICIENCY_RETURN", "SUPPLEMENT")
    tree.rename("deficiency_return", "supplement")
    tree.fix()
