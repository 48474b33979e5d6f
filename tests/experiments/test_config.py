"""The configuration: composed, checked, and every mistake in one message."""

import dataclasses
from pathlib import Path

import pytest

from sim.experiments.config import compose, experiment_of, known_keys
from sim.experiments.overrides import Known
from sim.policy.problem import InputError
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, declarations


def test_the_default_is_the_declared_default() -> None:
    settings, resolved = compose("compare", [])
    assert settings.world == WorldSpec()
    assert settings.uncertainty == Parameters()
    assert settings.execution.replicates == 100
    assert set(resolved) == {"world", "uncertainty", "execution"}


def test_groups_are_chosen_and_values_overridden_in_the_given_order() -> None:
    chosen = ["world=tiny", "world.groups=7", "uncertainty=overloaded_courts", "world.states=[DEU,FRA]"]
    settings, resolved = compose("run", chosen)
    assert settings.world.groups == 7
    assert settings.world.states == ["DEU", "FRA"]
    assert 90 <= settings.uncertainty.desk.court_wait_days <= 250
    assert resolved["world"]["groups"] == 7


def test_every_parameter_can_be_overridden() -> None:
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
    assert experiment.scenarios == scenarios
    assert experiment.replicates == 3
    assert experiment.results == tmp_path
    assert experiment.workers >= 1
    assert experiment.overrides == tuple(overrides)
    assert dataclasses.replace(experiment, replicates=1).replicates == 1


#: Override; key, value and fix that the message must name.
MISTAKES = {
    "unknown key": ("world.goups=3", "world.goups", "3", "world.groups"),
    "key without its theme": ("groups=3", "groups", "3", "world.groups"),
    "unknown group": ("wrld=tiny", "wrld", "tiny", "world"),
    "unknown choice": ("world=tinny", "world", "tinny", "tiny"),
    "unknown parameter": (
        "uncertainty.request.deficency=0.1",
        "deficency",
        "0.1",
        "uncertainty.request.deficiency",
    ),
    "added key": ("+world.extra=1", "+world.extra", "1", "no key 'world.extra'"),
    "added key spelt wrong": ("+world.grops=1", "+world.grops", "1", "Did you mean world.groups?"),
    "forced key": ("++world.groups=1", "++world.groups", "1", "world.groups=VALUE"),
    "removed key": ("~world.groups", "~world.groups", "", "world.groups=VALUE"),
    "hydra's own key": ("hydra.run.dir=/x", "hydra.run.dir", "/x", "Keys begin with"),
    "interpolation": (
        "execution.results=${oc.env:HOME}",
        "execution.results",
        "${oc.env:HOME}",
        "Write the value",
    ),
    "instantiation": ("world._target_=os.system", "world._target_", "os.system", "Write the value"),
    "word for a number": ("world.groups=many", "world.groups", "many", "world.groups=300"),
    "fraction for a whole number": ("world.groups=3.5", "world.groups", "3.5", "whole number"),
    "nothing": ("world.groups=null", "world.groups", "null", "world.groups=300"),
    "several values": ("world.groups=1,2", "world.groups", "1,2", "one value"),
    "sweep": ("world.groups=range(1,3)", "world.groups", "range(1,3)", "one value"),
    "unreadable": ("world.groups=((", "world.groups", "((", "one value"),
    "word for yes or no": ("execution.events=perhaps", "execution.events", "perhaps", "true or false"),
    "no replicates": ("execution.replicates=0", "execution.replicates", "0", "from 1"),
    "negative workers": ("execution.workers=-1", "execution.workers", "-1", "from 0"),
    "negative seed": ("execution.first_seed=-1", "execution.first_seed", "-1", "from 0"),
    "no groups": ("world.groups=0", "world.groups", "0", "from 1"),
    "negative follow-up": ("world.follow_up_days=-1", "world.follow_up_days", "-1", "from 0"),
    "no such day": ("world.end=2036-02-30", "world.end", "2036-02-30", "2027-01-01"),
    "end before the policy": ("world.end=2026-06-01", "world.end", "2026-06-01", "2027-01-01"),
    "policy before the past": ("world.policy_start=2022-01-01", "world.policy_start", "2022-01-01", "after"),
    "before the data": ("world.start=1990-01-01", "world.start", "1990-01-01", "2022-01-01"),
    "unknown state": ("world.states=[DEU,FRX]", "world.states", "FRX", "FRA"),
    "group of states": ("world.states=[EU,USA]", "world.states", "EU", "Write its states, such as AUT, BEL"),
    "one state": ("world.states=[DEU]", "world.states", "DEU", "two"),
    "one state, named twice": ("world.states=[DEU,DEU]", "world.states", "DEU", "twice. Name each once"),
    "a state twice among others": ("world.states=[DEU,FRA,FRA]", "world.states", "FRA", "twice. Name each once"),
    "probability above one": ("uncertainty.custody.arrest=1.5", "uncertainty.custody.arrest", "1.5", "0 to 1"),
    "negative hours": ("uncertainty.desk.hours_per_day=-1", "uncertainty.desk.hours_per_day", "-1", "1 to 8"),
    "not a number": ("uncertainty.custody.arrest=nan", "uncertainty.custody.arrest", "nan", "0 to 1"),
    "infinite": ("uncertainty.desk.rebound=inf", "uncertainty.desk.rebound", "inf", "0 to 2"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_with_key_value_and_fix(name: str) -> None:
    override, key, value, fix = MISTAKES[name]
    with pytest.raises(InputError) as caught:
        compose("run", ["execution.replicates=2", override])
    message = str(caught.value)
    assert message.startswith("command line: ")
    assert key in message
    assert value in message
    assert fix in message
    assert "\n" not in message


def test_mistakes_of_all_overrides_are_reported_at_once() -> None:
    """Of keys, of types and of ranges, also of two parameters; what is right is not named."""
    wrong = ["world.goups=3", "world.groups=many", "execution.replicates=0", "execution.events=perhaps"]
    wrong += ["uncertainty.custody.arrest=2", "uncertainty.desk.rebound=9", "world.end=2036-02-30", "world=tinny"]
    with pytest.raises(InputError) as caught:
        compose("run", ["world.follow_up_days=10", *wrong])
    heading, *lines = str(caught.value).splitlines()
    assert heading == f"command line: {len(wrong)} mistakes"
    assert {line.split()[2] for line in lines} == {word.partition("=")[0] for word in wrong}


def test_a_range_broken_by_a_file_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("world", "uncertainty", "execution"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "default.yaml").write_text("{}\n")
    (tmp_path / "uncertainty" / "default.yaml").write_text("custody:\n  arrest: 2\n")
    primary = "defaults: [schema, world: default, uncertainty: default, execution: default, _self_]\n"
    (tmp_path / "run.yaml").write_text(primary)
    monkeypatch.setattr("sim.experiments.config.resource_folder", lambda _name: tmp_path)
    assert isinstance(known_keys(), Known)
    with pytest.raises(InputError, match=r"conf/uncertainty.*uncertainty\.custody\.arrest"):
        compose("run", [])
