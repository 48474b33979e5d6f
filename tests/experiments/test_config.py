"""Tests of the configuration: composition, checks, and one message for all mistakes."""

import shutil
from pathlib import Path

import pytest
from yaml import YAMLError

from sim.experiments.config import (
    Known,
    _composed,
    _file_mistake,
    compose,
    experiment_of,
    known_keys,
    nearest_key,
    settings_of,
)
from sim.policy.problem import InputError
from sim.policy.scenario import load
from sim.policy.well_known import resource_folder
from sim.world.parameters import Parameters, WorldSpec, declarations
from tests.tables import rows


def test_defaults_are_those_declared_and_groups_values_and_every_parameter_can_be_chosen() -> None:
    settings, resolved = compose("compare", [])
    assert settings.world == WorldSpec() and settings.uncertainty == Parameters()
    assert settings.execution.replicates == 100
    assert set(resolved) == {"world", "uncertainty", "execution"}
    chosen = ["world=tiny", "world.groups=7", "uncertainty=overloaded_courts", "world.states=[DEU,FRA]"]
    settings, resolved = compose("run", chosen)
    assert settings.world.groups == 7 and settings.world.states == ["DEU", "FRA"]
    assert 90 <= settings.uncertainty.desk.court_wait_days <= 250
    assert resolved["world"]["groups"] == 7
    keys = known_keys().keys
    for name, _, _ in declarations():
        assert f"uncertainty.{name}" in keys
    settings, _ = compose("run", ["uncertainty.request.deficiency=0.2"])
    assert settings.uncertainty.request.deficiency == 0.2


def test_every_choice_of_every_group_composes_within_its_ranges() -> None:
    for group, choices in known_keys().groups.items():
        assert "default" in choices
        for choice in choices:
            compose("compare", [f"{group}={choice}"])


def test_an_experiment_holds_what_was_asked_for(tmp_path: Path) -> None:
    overrides = ["execution.replicates=3", f"execution.results='{tmp_path}'", "execution.workers=0"]
    scenarios = (load("status_quo"), load("faster_mlat"))
    settings, resolved = compose("compare", overrides)
    experiment = experiment_of(settings, resolved, scenarios, overrides, "comity compare faster_mlat")
    assert (experiment.scenarios, experiment.replicates, experiment.results) == (scenarios, 3, tmp_path)
    assert experiment.workers >= 1 and experiment.overrides == tuple(overrides)


#: Override; what the message must name besides its key and its value; and where these are not what was written.
MISTAKES = rows(Path(__file__).parent / "mistakes.txt")


def test_a_mistake_is_reported_with_key_value_and_fix() -> None:
    for override, fix in MISTAKES:
        with pytest.raises(InputError) as caught:
            compose("run", ["execution.replicates=2", override.removesuffix("=")])
        message, (key, _, value) = str(caught.value), override.removeprefix("uncertainty.").partition("=")
        assert message.startswith("command line: ") and "\n" not in message, override
        states = value.strip("[]").split(",") if value.startswith("[") else [value]
        named = states[0 if "EU" in states else -1]
        assert all(part in message for part in (key, named, fix)), (override, message)


def test_mistakes_of_all_overrides_are_reported_at_once() -> None:
    """Mistakes in keys, types and ranges of all overrides are reported at once."""
    wrong = ["world.goups=3", "world.groups=many", "execution.replicates=0", "execution.events=perhaps"]
    wrong += ["uncertainty.custody.arrest=2", "uncertainty.desk.rebound=9", "world.end=2036-02-30", "world=tinny"]
    with pytest.raises(InputError) as caught:
        compose("run", ["world.follow_up_days=10", *wrong])
    heading, *lines = str(caught.value).splitlines()
    assert heading == f"command line: {len(wrong)} mistakes"
    named = {word.partition("=")[0].removeprefix("uncertainty.") for word in wrong}
    assert {line.split()[2] for line in lines} == named


def test_levers_are_named_only_where_they_are_keys() -> None:
    keys = frozenset({"world.groups"})
    for known, named in ((keys, False), (keys | {"court.staff"}, True)):
        assert ("comity levers" in nearest_key("zzz.qqqqq", Known(known, {}))) == named


def test_a_key_of_an_earlier_version_in_a_file_is_answered_with_its_successor(tmp_path: Path) -> None:
    folder = shutil.copytree(resource_folder("conf"), tmp_path / "conf")
    for text, said in (
        ("slurm: {queue: compute}", "execution.slurm: unknown key. Start workers with sbatch"),
        ("worker: 2", "execution.worker: unknown key. Did you mean execution.workers?"),
    ):
        (folder / "execution" / f"{text.partition(':')[0]}.yaml").write_text(text)
        with pytest.raises(Exception, match="Key") as caught:
            _composed("run", (f"execution={text.partition(':')[0]}",), folder)
        assert str(_file_mistake("run", caught.value)).startswith(f"conf: {said}")


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    folder = shutil.copytree(resource_folder("conf"), tmp_path / "conf")
    (folder / "world" / "tiny.yaml").write_text("groups: [1\n  x: {")
    with pytest.raises(YAMLError) as caught:
        _composed("run", ("world=tiny",), folder)
    assert str(_file_mistake("run", caught.value)).startswith("tiny.yaml, line 2: expected")


def test_a_study_of_an_earlier_version_or_of_an_engine_that_is_not_installed_can_be_read() -> None:
    settings, resolved = compose("compare", ["world.groups=7", "execution.replicates=3"])
    named = {**resolved["execution"], "scheduler": "", "slurm": {"queue": "", "cores": 1}}
    assert settings_of("compare", {**resolved, "execution": named}) == settings
    made = settings_of("compare", {**resolved, "execution": {**named, "executor": "of_another_machine"}})
    assert made.execution.executor == "of_another_machine" and made.world == settings.world
    with pytest.raises(ValueError, match="another version: Key 'wrkers'"):
        settings_of("compare", {**resolved, "execution": {**named, "wrkers": 1}})
