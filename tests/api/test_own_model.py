"""Tests of users' own models: several in one process, and mistakes in their parts."""

import json
import multiprocessing
import os
import pickle
import re
import shlex
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numba
import pandas as pd
import pytest

import sim
from sim.api import scope
from sim.data import own
from sim.engine import caching
from sim.engine.caching import RULES
from sim.engine.caching import folder as cache_folder
from sim.policy.problem import InputError
from tests.api.own_models import FILES, PAGE, PARTS, laid_out
from tests.docs.blocks import blocks_of, commands_of
from tests.interpreted import AS_PYTHON, printed_by, python

#: Parameter or lever, outcome of its own and doses of each part of the page; 1 if the outcome rises with the dose.
DOSES: dict[str, tuple[str, str, list[float], int]] = {
    "ransom_freeze": ("freeze.freeze_reach", "ransoms_frozen_per_year", [0.0, 0.3, 0.9], 1),
    "informant": ("informant.informant_share", "informant_cases_per_year", [0.0, 0.3, 1.0], 1),
    "ameripol": ("ameripol.staff", "ameripol_per_year", [0.1, 1.0, 10.0], 0),
}
RULE = "from sim.engine.compiling import rule\nfrom sim.world.own_events import handles\n\n\n@rule\n"
PARAMETER = FILES["informant/data/parameters.csv"]
FIELD = FILES["informant/data/fields.csv"]
EVENT = FILES["informant/data/events.csv"]
CAME_BACK = re.findall(
    r"```python\n# outcomes.py\n(.*?)```", PAGE.parents[1].joinpath("own_rules.md").read_text("utf-8"), re.S
)[0]
#: Data of a liaison body alone, without Python files.
BODY = {name: text for name, text in FILES.items() if name.startswith("ameripol/data/")}
FREEZE = {name: text for name, text in FILES.items() if name.startswith("ransom_freeze/")}
REBRAND = RULE + "def rebrand(world, row, stamp):\n    return\n"
#: Files of wrong parts, and what the one message holds.
WRONG: list[tuple[dict[str, str], tuple[str, ...]]] = [
    (
        {"a/data/parameters.csv": PARAMETER.replace("informant.informant_share", "desk.rebound")},
        ("a/data/parameters.csv", "is the second rebound", "choose another name"),
    ),
    (
        {"a/data/parameters.csv": PARAMETER.replace("informant.informant_share", "informant.seed")},
        ("a/data/parameters.csv", "informant.seed", "choose another name"),
    ),
    (
        {"a/data/parameters.csv": PARAMETER.replace("share,0,0,1", "share,2,0,1")},
        ("a/data/parameters.csv", "is outside 0 to 1"),
    ),
    (
        {"a/data/fields.csv": FIELD.replace("by_informant", "opened")},
        ("a/data/fields.csv: case.opened", "no other field of the table has"),
    ),
    (
        {"a/data/fields.csv": FIELD.replace("case,", "affair,")},
        ("a/data/fields.csv: affair.by_informant", "write a table of entities.csv"),
    ),
    ({"a/data/fields.csv": FIELD, "b/data/fields.csv": FIELD}, ("b/data/fields.csv: case.by_informant",)),
    ({"a/data/events.csv": EVENT}, ("a/data/events.csv", "INFORMANT_TALKS", "nobody handles this event", "@handles")),
    (
        {
            "a/rules.py": RULE.replace("@rule", '@handles("INFORMANT_TALK")\n@rule')
            + "def f(world, row, stamp):\n    ..."
        }
        | {"a/data/events.csv": EVENT},
        ("a/rules.py", "no event of a part", "Did you mean INFORMANT_TALKS"),
    ),
    (
        {"a/rules.py": RULE.replace("@rule", '@handles("INFORMANT_TALKS")\n@rule') + "def f(world):\n    ..."}
        | {"a/data/events.csv": EVENT},
        ("a/rules.py:5", "takes other arguments (world)", "def f(world, row, stamp)"),
    ),
    (
        {"a/rules.py": REBRAND.replace(", stamp", "")},
        ("a/rules.py:5", "takes other arguments (world, row)", "def rebrand(world, row, stamp)"),
    ),
    ({"a/rules.py": REBRAND.replace("rebrand", "rebrnd")}, ("a/rules.py", "no such rule", "Did you mean rebrand")),
    (
        {"a/rules.py": REBRAND.replace("rebrand", "talks")} | {"a/data/events.csv": EVENT},
        ("a/rules.py", "no such rule", '@handles("INFORMANT_TALKS")'),
    ),
    ({"a/data/events.csv": EVENT, "b/data/events.csv": EVENT}, ("b/data/events.csv", "the second of this name")),
    (
        {
            name.replace("ameripol/", "a/"): text.replace("ameripol_reply_days,c", "ameripol_days,c")
            for name, text in BODY.items()
        },
        (
            "a/data/bodies.csv: AMERIPOL: reply_days = 'ameripol_days'",
            "theme liaison",
            "Did you mean ameripol_reply_days?",
        ),
    ),
    (
        {
            name.replace("ameripol/", "a/"): text.replace("match_europol", "ameripol_reply_days")
            for name, text in BODY.items()
        },
        (
            "a/data/bodies.csv: AMERIPOL: match_rate",
            "theme case",
            "Write case.ameripol_reply_days instead of liaison.ameripol_reply_days in ",
        ),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("ACTION_DAY", "ACTION_DYA") for name, text in BODY.items()},
        ("a/data/bodies.csv: AMERIPOL: 'ACTION_DYA'", "Did you mean ACTION_DAY?"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("COL,60,", "COL,4,") for name, text in BODY.items()},
        ("a/data/bodies.csv: AMERIPOL: people = '4'", "which is nobody; write 6 or more"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("own,COL", "own,Colombia") for name, text in BODY.items()},
        ("a/data/bodies.csv: AMERIPOL: seat = 'Colombia'", "write COL"),
    ),
    (
        {name.replace("ameripol/", "a/"): text for name, text in BODY.items() if not name.endswith("feed.csv")},
        ("a/data/bodies.csv: AMERIPOL", "nobody asks it", "write a row such as AMERIPOL,OAS,member"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("9,ameripol,", "9,ameripl,") for name, text in BODY.items()},
        ("a/data/bodies.csv: AMERIPOL: basis = 'ameripl'", "Did you mean ameripol?"),
    ),
    (
        {
            name.replace("ameripol/", "a/"): text.replace("ameripol,,,,", "ameripol,OSA,,,")
            for name, text in BODY.items()
        },
        ("a/data/bodies.csv: AMERIPOL: joined = 'OSA'", "OAS"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("ameripol,BRA", "ameripol,BRZ") for name, text in BODY.items()},
        ("a/data/parties.csv: ameripol, BRZ", "Did you mean BRA (Brazil)?"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("member,0.9", "member,high") for name, text in BODY.items()},
        ("a/data/liaison_feed.csv: AMERIPOL, OAS, member: feed = 'high'", "in digits"),
    ),
    (
        {name.replace("ameripol/", "a/"): text.replace("2013-06-01", "June 2013") for name, text in BODY.items()},
        ("a/data/", "'June 2013' is not a date", "YYYY-MM-DD"),
    ),
    (
        {name: text.replace("setting.freeze_bite", "setting.freeze_bit") for name, text in FREEZE.items()},
        ("ransom_freeze/rules.py:30: freeze_ransom = 'freeze_bit'", "Did you mean freeze_bite?"),
    ),
    (
        {name: text.replace("group.ransoms_frozen +=", "group.ransom_frozen +=") for name, text in FREEZE.items()},
        ("ransom_freeze/rules.py:32: freeze_ransom = 'ransom_frozen'", "Did you mean ransoms_frozen?"),
    ),
    (
        {name: text.replace("OwnEvent.RANSOM_FROZEN", "OwnEvent.RANSOM_FROZN") for name, text in FREEZE.items()},
        ("ransom_freeze/rules.py:22: victim_reports = 'RANSOM_FROZN'", "Did you mean RANSOM_FROZEN?"),
    ),
    (
        {name: text.replace("wait = exponential(", "wait = exponentail(") for name, text in FREEZE.items()},
        ("ransom_freeze/rules.py:21: victim_reports = 'exponentail'", "Did you mean exponential?"),
    ),
    (
        {"a/outcomes.py": CAME_BACK.replace('"loops"', '"lops"')},
        ("a/outcomes.py: came_back_share: line 8", "'lops'", "Did you mean loops?"),
    ),
    (
        {"a/outcomes.py": CAME_BACK.replace('seen.request("loops")', 'seen.during("request", "snet")["loops"]')},
        ("a/outcomes.py: came_back_share: line 8", "'snet'", "Did you mean sent?"),
    ),
    (
        {"a/outcomes.py": CAME_BACK.replace('seen.request("loops")', 'seen.tables["requets"]["loops"]')},
        ("a/outcomes.py: came_back_share: line 8", "'requets'", "Did you mean request?"),
    ),
    ({"a/rules.py": REBRAND, "b/rules.py": REBRAND}, ("b/rules.py", "rebrand", "replaces a rule that", "a/rules.py")),
    (
        {"a/rules.py": RULE + "def begin_streams(world, groups):\n    world.setting[9].appeal_probability += 1.0\n"},
        ("a/rules.py", "begin_streams", "line 7 fails in a small world"),
    ),
    (
        {"a/scenarios/faster_mlat.yaml": FILES["ransom_freeze/scenarios/freeze_ransoms.yaml"]},
        ("a/scenarios/faster_mlat.yaml", "there is a scenario of this name already"),
    ),
]


@pytest.mark.parametrize(("files", "said"), WRONG, ids=[said[-1] for _, said in WRONG])
def test_a_part_that_cannot_be_is_one_message(files: dict[str, str], said: tuple[str, ...], tmp_path: Path) -> None:
    laid_out(tmp_path, files)
    parts = sorted({tmp_path / name.partition("/")[0] for name in files})
    before = dict(os.environ), len(sim.levers())
    with pytest.raises(InputError) as raised:
        sim.Model(parts)
    assert "\n" not in str(raised.value)
    for words in said:
        assert words in str(raised.value), str(raised.value)
    assert (dict(os.environ), len(sim.levers())) == before, "the model of this process is as it was"


def test_two_folders_of_one_name_are_one_message(tmp_path: Path) -> None:
    places = [laid_out(tmp_path / one, {"a/rules.py": REBRAND}) / "a" for one in "xy"]
    with pytest.raises(InputError, match=r"y/a: a: a second part has this name\. .* rename one"):
        sim.Model(places)


def test_the_command_line_says_the_same_and_returns_2(tmp_path: Path) -> None:
    laid_out(tmp_path, {"a/data/events.csv": EVENT})
    ended = python("-m", "sim", "levers", "--parts", str(tmp_path / "a"), env=os.environ | AS_PYTHON)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1, ended.stderr
    assert "a/data/events.csv: INFORMANT_TALKS: nobody handles this event" in ended.stderr


def test_models_stand_side_by_side_and_a_part_that_changes_is_another(tmp_path: Path) -> None:
    laid_out(tmp_path, {name: text for name, text in FILES.items() if not name.endswith("rules.py")})
    freeze, informant = tmp_path / "ransom_freeze", tmp_path / "informant"
    (freeze / own.DATA / own.EVENTS).unlink()
    (informant / own.DATA / own.EVENTS).unlink()
    both, one = sim.Model([freeze, informant]), sim.Model(freeze)
    names = {model: set(model.parameters()["parameter"]) for model in (both, one, sim)}
    assert names[both] - names[one] == {"informant.informant_share", "informant.informant_days"}
    assert names[one] - names[sim] == {"freeze.freeze_reach", "freeze.freeze_days", "freeze.freeze_bite"}
    assert "freeze_ransoms" in set(one.scenarios()["scenario"]) - set(sim.scenarios()["scenario"])
    assert sim.Model(freeze).identity == one.identity != both.identity
    assert sim.Model().identity == ""
    levers = freeze / own.LEVERS
    levers.write_text(levers.read_text("utf-8").replace("ransoms.frozen", "ransoms.stopped"), encoding="utf-8")
    (freeze / own.SCENARIOS / "freeze_ransoms.yaml").unlink()
    changed = sim.Model(freeze)
    assert {"ransoms.stopped"} == set(changed.levers()["lever"]) - set(one.levers()["lever"])
    with pytest.raises(InputError, match=r"ransoms\.frozen"):
        changed.Scenario.from_changes(
            "x", [{"lever": "ransoms.frozen", "value": 1, "date": "2027-01-01"}], title="x", question="x?", author="x"
        )


def test_a_regional_body_has_a_lever_on_its_people_and_states_may_join_it(tmp_path: Path) -> None:
    mine = sim.Model(laid_out(tmp_path) / "ameripol")
    assert "ameripol.staff" in set(mine.levers()["lever"])
    asked = "ARG", "BRA", "police_information"
    before, after = (mine.law(*asked, on="2028-01-01", scenario=key).open for key in ("status_quo", "wider_ameripol"))
    assert "Ameripol" not in before["instrument"].tolist() and "Ameripol" in after["instrument"].tolist()


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain rules are too slow for it")
def test_a_model_and_its_outcomes_travel_to_another_process_and_back(tmp_path: Path) -> None:
    mine = sim.Model(laid_out(tmp_path, {"a/outcomes.py": CAME_BACK}) / "a")
    here = mine.simulate(world="tiny", seed=3)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        there = executor.submit(mine.simulate, world="tiny", seed=3).result()
    assert str(dict(there)) == str(dict(here)) and there.seed == 3 and "came_back_share" in there
    assert here.series()["value"].notna().any()
    with pytest.raises(InputError, match="not simulated here"):
        there.series()
    usual = sim.simulate(world="tiny", seed=3)
    assert pickle.loads(pickle.dumps(usual)).series().equals(usual.series())  # noqa: S301 - our own


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain rules are too slow for it")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_own_parameter_is_calibrated_and_varies_on_any_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    name, outcome, *_ = DOSES["ransom_freeze"]
    mine = sim.Model(laid_out(tmp_path) / "ransom_freeze")
    how: dict[str, Any] = {"model": mine, "progress": None}
    monkeypatch.setattr("sim.api.calibrations.SETS", {"small": 6})
    with scope.entered(mine._modules):
        monkeypatch.setattr("sim.api.calibrations.SETS", {"small": 6})
    facts = pd.DataFrame({"outcome": [outcome], "value": [5.0], "error": [4.0]})
    ask = how | {"targets": facts, "parameters": [name], "size": "small", "set": {"world": "tiny"}}
    fitted = sim.calibrate(results=tmp_path / "here", executor="serial", **ask)
    assert fitted.ensemble.columns.tolist() == [name] and "of 6 sets" in fitted.summary
    cluster = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with LocalCluster(**cluster) as workers, Client(workers) as client:
        executor = client.get_executor()
        again = sim.calibrate(results=tmp_path / "there", executor=executor, workers=2, **ask)
    assert again.ensemble.equals(fitted.ensemble)
    sets = sim.compare("faster_mlat", ensemble=fitted.folder, world="tiny", replicates=2, **how).outcomes
    assert sets["parameter_set"].notna().all() and (sets[outcome] > 0).any()


def test_a_file_of_rules_next_to_parts_that_have_rules_is_one_message(tmp_path: Path) -> None:
    mine = sim.Model(laid_out(tmp_path, {"a/rules.py": NEUTRAL}) / "a")
    with pytest.raises(InputError, match=r"rules = .*: parts have rules already\. Name the file as a part"):
        mine.run("status_quo", world="tiny", rules=tmp_path / "a" / "rules.py")


def test_what_goes_with_the_next_version_works_and_says_what_takes_its_place(tmp_path: Path) -> None:
    place = laid_out(tmp_path, {"a/outcomes.py": CAME_BACK}) / "a"
    code = (
        "import json, sys, warnings, sim\n"
        "with warnings.catch_warnings(record=True) as heard:\n"
        "    warnings.simplefilter('always')\n"
        "    sim.use(sys.argv[1])\n"
        "said = [[str(one.message), one.filename] for one in heard if one.category is DeprecationWarning]\n"
        "print(json.dumps([said, 'came_back_share' in set(sim.outcomes()['outcome'])]))"
    )
    said, there = printed_by({}, "-c", code, str(place))
    ((words, file),) = said
    assert there and "mine = sim.Model(folder)" in words
    assert file == "<string>", "the line of the caller is named"


def test_what_is_no_model_is_one_message() -> None:
    with pytest.raises(InputError, match=r"model = 'mine': not a model\. Give a sim\.Model"):
        sim.run("status_quo", model="mine")  # type: ignore[arg-type]


#: A study of three states and a year under each part, at a dose that changes nothing and at another.
PLAIN = """
import json, sys, sim
doses, small = json.loads(sys.argv[2]), {
    "world": "tiny", "world.states": ["BRA", "DEU", "USA"], "world.groups": 4, "world.start": "2026-07-01",
    "world.policy_start": "2026-10-01", "world.end": "2027-06-30", "world.follow_up_days": 0,
    "world.background": False, "execution.executor": "serial",
}
def made(model, **values):
    found = sim.run("status_quo", replicates=1, set=small | values, model=model).outcomes
    return json.loads(found.to_json(orient="records"))[0]
usual, found = made(None), {}
neutral = sim.Model(sys.argv[3])
found["neutral"] = [key for key, value in made(neutral).items() if key in usual and usual[key] != value]
for part, (name, outcome, doses, _) in doses.items():
    mine = sim.Model(f"{sys.argv[1]}/{part}")
    off = made(mine)
    found[part] = {
        "moved": [key for key in usual if usual[key] != off[key]], "off": off[outcome],
        "on": made(mine, **{name: doses[-1], "criminal.brand_months": 2})[outcome],
    }
found["again"] = made(None) == usual
print(json.dumps(found))
"""


@pytest.mark.slow
def test_parts_at_their_neutral_dose_leave_every_number_as_it_was(tmp_path: Path) -> None:
    """Parts of a user's model at their neutral dose leave all results unchanged, except for a regional body."""
    places = laid_out(tmp_path / "parts"), laid_out(tmp_path, {"neutral/rules.py": NEUTRAL}) / "neutral"
    doses = {part: DOSES[part] for part in PARTS if DOSES[part][3]}
    found = printed_by(AS_PYTHON, "-c", PLAIN, str(places[0]), json.dumps(doses), str(places[1]))
    assert found.pop("neutral") == [] and found.pop("again")
    for part in doses:
        assert found[part]["moved"] == [] and found[part]["off"] == 0.0 < found[part]["on"], (part, found[part])


#: A rule that does what the one does that it replaces.
NEUTRAL = RULE.replace("\n\n\n", "\nfrom sim.agents.crime.criminals import rebrand as usual\n\n\n", 1) + (
    "def rebrand(world, row, stamp):\n    usual(world, row, stamp)\n"
)


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixture: a separate cache that already contains this machine's compiled rules."""
    here = cache_folder(RULES)
    rules = tmp_path / "cache" / here.name
    rules.mkdir(parents=True, mode=0o700)
    rules.parent.chmod(0o700)
    for path in here.glob("*-*"):
        if path.is_file():
            shutil.copy2(path, rules)
    monkeypatch.setenv(caching.PLACE, str(rules.parent))
    assert cache_folder(RULES) == rules


def _compiled() -> set[str]:
    """Names of cached compilations of the entry point that handles events."""
    return {path.name for path in cache_folder(RULES).glob("sim.simulate.run_until-*")}


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
@pytest.mark.usefixtures("_own_cache")
@pytest.mark.parametrize("part", PARTS)
def test_a_dose_is_an_axis_and_compiles_at_most_once(part: str, tmp_path: Path) -> None:
    """A dose of a user's part can be swept, compared and searched over, with at most one compilation."""
    name, outcome, doses, rises = DOSES[part]
    mine, before = sim.Model(laid_out(tmp_path) / part), _compiled()
    usual = dict(sim.simulate(world="tiny"))
    swept = sim.sweep(values={name: doses}, model=mine, world="tiny", replicates=2, workers=2)
    means = swept.outcomes.groupby(swept.outcomes.columns[swept.outcomes.columns.str.endswith(name)][0])[outcome].mean()
    assert len(means) == len(doses) and means.nunique() > 1
    assert not rises or list(means) == sorted(means)
    alone = [mine.simulate({name: dose}, world="tiny", seed=2)[outcome] for dose in doses]
    assert alone == [float(value) for value in swept.outcomes.query("seed == 2").sort_values(means.index.name)[outcome]]
    model = mine.mesa_model(seed=2, world="tiny", values={name: doses[-1]}, period_days=2_000)
    model.step()
    assert model.outcomes()[outcome] == alone[-1]
    compared = sim.compare("faster_mlat", model=mine, world="tiny", replicates=2, point=True, results=tmp_path / "out")
    assert compared.folder
    manifest = json.loads((compared.folder / "manifest.json").read_text("utf-8"))
    parts = manifest["parts"]
    assert parts["sha256"] == mine.identity and name in {*parts["parameters"], *parts["levers"]}
    title = mine.outcomes().set_index("outcome")["title"][outcome]
    assert title in (compared.folder / "report.html").read_text("utf-8")
    if part == "ameripol":  # which is asked something at each size, is paid by its members, and answers at its own pace
        assert (swept.outcomes[outcome] > 0).all()
        few, usual_staff, many = swept.outcomes.groupby(means.index.name)["policy_cost"].mean()
        assert few < 0 == usual_staff < many
        slow, quick = (mine.simulate({"liaison.ameripol_reply_days": days}, world="tiny") for days in (2.0, 60.0))
        assert dict(slow) != dict(quick)
    assert len(_compiled() - before) <= 1
    assert str(dict(sim.simulate(world="tiny"))) == str(usual), "without the part, every number is as it was"


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
@pytest.mark.usefixtures("_own_cache")
def test_a_change_of_outcomes_levers_or_scenarios_compiles_nothing(tmp_path: Path) -> None:
    """A part whose rules and data stay is not compiled again, in this process, in workers, or in another process."""
    laid_out(tmp_path, FREEZE)
    dose, outcome = {"freeze.freeze_reach": 0.5}, "ransoms_frozen_per_year"
    first = sim.Model(tmp_path / "ransom_freeze")
    before, found = _compiled(), first.simulate(dose, world="tiny")[outcome]
    assert len(_compiled() - before) <= 1
    before = _compiled()
    for name, old, new in (
        ("outcomes.py", "/ seen.window.years", "* 10 / seen.window.years"),
        ("levers.py", "Share of ransoms", "Share of all ransoms"),
        ("scenarios/freeze_ransoms.yaml", "value: 0.5", "value: 0.4"),
    ):
        file = tmp_path / "ransom_freeze" / name
        laid_out(tmp_path, {f"ransom_freeze/{name}": file.read_text("utf-8").replace(old, new)})
    again = sim.Model(tmp_path / "ransom_freeze")
    assert again.identity != first.identity
    assert again.simulate(dose, world="tiny")[outcome] == pytest.approx(10 * found) != 0
    assert first.simulate(dose, world="tiny")[outcome] == found
    doses = {"freeze.freeze_reach": [0.3, 0.5]}
    swept = again.sweep(values=doses, world="tiny", replicates=2, workers=2, progress=None)
    frozen = swept.outcomes.set_index(["freeze.freeze_reach", "seed"])[outcome]
    assert frozen[0.5, 1] == again.simulate(dose, world="tiny")[outcome]
    code = f"import sim; print(sim.Model({str(again.parts[0])!r}).simulate({dose}, world='tiny')[{outcome!r}])"
    ended = python("-c", code)
    assert float(ended.stdout) == again.simulate(dose, world="tiny")[outcome], ended.stderr
    assert _compiled() == before


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain rules are too slow for it")
def test_the_calls_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(laid_out(tmp_path))
    names: dict[str, Any] = {}
    calls = [block.text for block in blocks_of(PAGE) if "sim.Model(" in block.text]
    for text in calls:
        exec(text, names)  # noqa: S102 - our own page
    assert len(calls) == 2 and names["found"].scenarios.keys() == {"status_quo", "freeze_ransoms"}
    commands = [command for block in blocks_of(PAGE) if block.language == "sh" for command in commands_of(block)]
    assert commands
    for command in commands:
        few = command.replace("--replicates 8", "--replicates 2")
        ended = python("-m", "sim", *shlex.split(few)[1:], "--quiet", cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert "Asked of Ameripol" in (tmp_path / ended.stdout.strip() / "report.html").read_text("utf-8")
    frozen = names["found"].differences.query("outcome == 'ransoms_frozen_per_year'")["difference"]
    assert frozen.item() > 0.0 and "ransoms_frozen_per_year" in names["swept"].outcomes


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain rules are too slow for it")
def test_other_tools_search_over_an_own_parameter(tmp_path: Path) -> None:
    import ema_workbench
    import optuna
    from SALib.analyze import sobol
    from SALib.sample import sobol as sample

    name, outcome, *_ = DOSES["ransom_freeze"]
    mine = sim.Model(laid_out(tmp_path) / "ransom_freeze")

    def frozen(reach: float, days: float = 4.0) -> float:
        """Ransoms frozen in one simulated world, as a function of two parameters."""
        return float(mine.simulate({name: reach, "freeze.freeze_days": days}, world="tiny")[outcome])

    problem: dict[str, Any] = {"num_vars": 2, "names": ["reach", "days"], "bounds": [[0, 1], [1, 20]]}
    rows = sample.sample(problem, 8, calc_second_order=False, seed=1)
    import numpy as np

    found = sobol.analyze(problem, np.array([frozen(*row) for row in rows]), calc_second_order=False, seed=1)
    assert found["ST"][0] > found["ST"][1]
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: frozen(trial.suggest_float("reach", 0, 1)), n_trials=8)
    assert study.best_params["reach"] > 0.5
    model = ema_workbench.Model("frozen", function=lambda reach: {"frozen": frozen(reach)})
    model.uncertainties = [ema_workbench.RealParameter("reach", 0, 1)]
    model.outcomes = [ema_workbench.ScalarOutcome("frozen")]
    experiments, outcomes = ema_workbench.perform_experiments(model, 8)
    assert np.corrcoef(experiments["reach"], outcomes["frozen"])[0, 1] > 0.5
