"""Tests of a user's own liaison body: law, staff, lever and outcome from data alone."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.interpreted import AS_PYTHON, python

FILES = {
    "data/bodies.csv": """\
body,title,label,desk,seat,people,reply_days,file_hours,match_rate,rank,basis,joined,also,between,channel,tasks,meaning,source,status
AMERIPOL,Ameripol,,own,COL,60,5,compare_hours,match_europol,4,ameripol,,,,,COMPARE ACTION_DAY,,an example,judgement
""",
    "data/liaison_feed.csv": """\
body,member_of,kind,feed,status,source
AMERIPOL,OAS,member,0.9,judgement,an example
""",
    "data/treaties.csv": """\
id,name,form,in_force,ended,ratifications_needed,legal_reference,source,status,notes
ameripol,Ameripol,parties,2013-06-01,,,an example,an example,judgement,
""",
    "data/parties.csv": """\
treaty,iso3,role,since,until,source,status,notes
ameripol,BRA,member,2013-06-01,,an example,judgement,
ameripol,COL,member,2013-06-01,,an example,judgement,
ameripol,USA,member,2026-09-01,,an example,judgement,
""",
    "data/terms.yaml": """\
- id: ameripol
  name: Ameripol
  treaty: ameripol
  channel: POLICE
  rank: 12
  carries: [POLICE_INFORMATION]
  refusal: [domestic_law]
  article: an example
  source: an example
  status: judgement
""",
    "levers.py": """\
from sim.policy.lever import Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.liaison import BodyStaff, PaidJointly, StaffOf
from sim.world.records import Body

AMERIPOL = (Body["AMERIPOL"],)
staff = WorldLever(
    "ameripol.staff",
    "Staff of Ameripol",
    Quantity.RATIO,
    Target.WORLD,
    limits=Limits(0, 20, neutral=1),
    acts_on="servers of its desk",
    stage=OwnStage("hub_backlog", rises=False),
    writes=BodyStaff(AMERIPOL),
    cost="its members pay together",
    charges=PaidJointly("staff_liaison_body", StaffOf(AMERIPOL)),
    source="an example",
)
""",
    "outcomes.py": """\
from sim.measures.observation import Observation
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.world.records import Body


@as_outcome("Asked of Ameripol", "per year", Better.MORE, shows=ShownIn.FOREST)
def ameripol_per_year(seen: Observation) -> float:
    \"\"\"Referrals to Ameripol in the policy years, a year.\"\"\"
    return seen.per_year(seen.during("referral", "asked")["body"] == Body["AMERIPOL"])
""",
}

USE = """
import json, sys
import sim
sim.use(sys.argv[1])
from dataclasses import replace
from datetime import date
from sim.experiments.run import observed
from sim.measures.outcomes import outcome
from sim.data.bodies import liaison_rows
from sim.policy.levers import apply_assignments
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
from sim.results.labels import BODIES
from sim.world.records import Body
from tests.tiny import TINY, begun
own = Body["AMERIPOL"]
spec = replace(TINY, states=["BRA", "COL", "USA"], groups=20, end="2027-06-30", follow_up_days=0)
run = begun(1, spec, {"case.match_europol": 1.0})
law, body = run.law, run.world.liaison_body[own]
pair = law.index("BRA"), law.index("USA")
found = {"title": BODIES[own], "staff": int(body.staff), "seat": law.states[run.world.desk[body.desk].state]}
found["open"] = [int(law.arrays(date(2026, month, 15)).bodies[pair]) >> own & 1 for month in (8, 9)]
found["best"] = [liaison_rows()[law.arrays(date(2026, month, 15)).police_body[pair]].title for month in (8, 9)]
run.advance(run.end)
found["asked"] = outcome("ameripol_per_year").measure(observed(run, spec))
apply_assignments(run.world, [Assignment("ameripol.staff", 2.0)])
found["doubled"] = int(run.world.desk[run.world.liaison_body[own].desk].servers)
print(json.dumps(found))
"""

#: A study of the body's lever, small enough for rules that run as Python, and its report.
REPORT = """
import json, sys
from pathlib import Path
import sim
sim.use(sys.argv[1])
change = {"lever": "ameripol.staff", "value": "400 %", "date": "2026-07-01"}
more = sim.Scenario.from_changes("more_ameripol", [change], title="A larger Ameripol", question="?", author="example")
world = {"groups": 4, "start": "2026-01-01", "policy_start": "2026-07-01", "end": "2027-12-31", "follow_up_days": 0}
world |= {"states": ["BRA", "COL", "USA"], "background": False}
settings = {f"world.{key}": value for key, value in world.items()}
study = sim.compare(more, point=True, replicates=2, workers=1, set=settings)
page = Path(study.report(sys.argv[2])).read_text("utf-8")
cost = study.outcomes.groupby("scenario")["policy_cost"].mean()
print(json.dumps({"cost": [cost[key] for key in study.scenarios], "page": page}))
"""


def written(folder: Path, **changed: str) -> Path:
    """Folder of the body's data, with some files changed."""
    for name, text in (FILES | changed).items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_body_of_a_users_own_has_law_people_a_lever_and_an_outcome(tmp_path: Path) -> None:
    ended = python("-c", USE, str(written(tmp_path)), env=os.environ | AS_PYTHON)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found.pop("asked") > 0
    expected = {"title": "Ameripol", "staff": 6, "seat": "COL", "open": [0, 1], "doubled": 12}
    assert found == expected | {"best": ["INTERPOL", "Ameripol"]}


@pytest.mark.slow
def test_more_people_of_a_users_own_body_cost_euros_and_are_a_row_of_the_report(tmp_path: Path) -> None:
    place = str(written(tmp_path / "parts"))
    ended = python("-c", REPORT, place, str(tmp_path / "report.html"), env=os.environ | AS_PYTHON)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    without, with_more = found["cost"]  # million euros
    assert without == 0.0 < with_more
    rows = re.findall(r"<tr>.*?</tr>", found["page"], re.DOTALL)
    assert any("Asked of Ameripol" in row for row in rows), "the outcome has no row"
    assert any("Cost of the policy" in row or "€" in row for row in rows), "nothing is priced"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("bodies.csv", "ameripol,,,,,", "amerpol,,,,,", "basis = 'amerpol' is no entry of terms.yaml"),
        (
            "bodies.csv",
            ",own,COL,",
            ",somewhere,COL,",
            "desk = 'somewhere' cannot be used; write one of own, states, none",
        ),
        ("bodies.csv", ",,,,,COMPARE", ",,EUROPA,,,COMPARE", "also = 'EUROPA' cannot be used"),
        (
            "liaison_feed.csv",
            ",OAS,",
            ",OASS,",
            "data/liaison_feed.csv: AMERIPOL, OASS, member: member_of = 'OASS' is not known; write one of ASEAN,",
        ),
        (
            "liaison_feed.csv",
            ",member,",
            ",friend,",
            "kind = 'friend' is not known; write one of member, or add a row for each member to memberships.csv",
        ),
        ("liaison_feed.csv", "\nAMERIPOL", "\nAMERIPOLE", "body = 'AMERIPOLE' is not known; write one of INTERPOL,"),
    ],
)
def test_a_row_that_cannot_be_is_one_message(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    rows = FILES[f"data/{file}"]
    assert old in rows
    place = written(tmp_path, **{f"data/{file}": rows.replace(old, new)})
    ended = python("-m", "sim", "law", "BRA", "USA", "content", "--parts", str(place), env=os.environ | AS_PYTHON)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and said in ended.stderr, ended.stderr
