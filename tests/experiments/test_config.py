"""The configuration: composed, checked, and every mistake in one message."""

from pathlib import Path

import pytest

from sim.experiments.config import Known, compose, experiment_of, known_keys, nearest_key
from sim.policy.problem import InputError
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, declarations


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
MISTAKES = (
    *(("world.goups=3", "world.groups"), ("groups=3", "world.groups"), ("wrld=tiny", "world"), ("world=tinny", "tiny")),
    ("uncertainty.request.deficency=0.1", "uncertainty.request.deficiency"),
    *(("+world.extra=1", "no key 'world.extra'"), ("+world.grops=1", "Did you mean world.groups?")),
    *(("++world.groups=1", "world.groups=VALUE"), ("~world.groups=", "world.groups=VALUE")),
    ("hydra.run.dir=/x", "Keys begin with"),
    ("execution.results=${oc.env:HOME}", "Write the value"),
    ("world._target_=os.system", "Write the value"),
    *(("world.groups=many", "world.groups=300"), ("world.groups=3.5", "whole number")),
    *(("world.groups=null", "world.groups=300"), ("world.groups=1,2", "one value")),
    *(("world.groups=range(1,3)", "one value"), ("world.groups=((", "one value")),
    *(("execution.events=perhaps", "true or false"), ("execution.replicates=0", "from 1")),
    *(("execution.workers=-1", "from 0"), ("execution.first_seed=-1", "from 0"), ("world.groups=0", "from 1")),
    *(("world.follow_up_days=-1", "from 0"), ("world.end=2036-02-30", "2027-01-01")),
    *(("world.end=2026-06-01", "2027-01-01"), ("world.policy_start=2022-01-01", "after")),
    *(("world.start=1990-01-01", "2022-01-01"), ("world.states=[DEU,FRX]", "FRA")),
    ("world.states=[EU,USA]", "Write its states, such as AUT, BEL"),
    *(("world.states=[DEU]", "two"), ("world.states=[DEU,DEU]", "twice. Name each once")),
    ("world.states=[DEU,FRA,FRA]", "twice. Name each once"),
    *(("uncertainty.custody.arrest=1.5", "0 to 1"), ("uncertainty.desk.hours_per_day=-1", "1 to 8")),
    *(("uncertainty.custody.arrest=nan", "0 to 1"), ("uncertainty.desk.rebound=inf", "0 to 2")),
)


def test_a_mistake_is_reported_with_key_value_and_fix() -> None:
    for override, fix in MISTAKES:
        with pytest.raises(InputError) as caught:
            compose("run", ["execution.replicates=2", override.removesuffix("=")])
        message, (key, _, value) = str(caught.value), override.partition("=")
        assert message.startswith("command line: ") and "\n" not in message, override
        states = value.strip("[]").split(",") if value.startswith("[") else [value]
        named = states[0 if "EU" in states else -1]
        assert all(part in message for part in (key, named, fix)), (override, message)


def test_mistakes_of_all_overrides_are_reported_at_once() -> None:
    """Of keys, of types and of ranges, also of two parameters; what is right is not named."""
    wrong = ["world.goups=3", "world.groups=many", "execution.replicates=0", "execution.events=perhaps"]
    wrong += ["uncertainty.custody.arrest=2", "uncertainty.desk.rebound=9", "world.end=2036-02-30", "world=tinny"]
    with pytest.raises(InputError) as caught:
        compose("run", ["world.follow_up_days=10", *wrong])
    heading, *lines = str(caught.value).splitlines()
    assert heading == f"command line: {len(wrong)} mistakes"
    assert {line.split()[2] for line in lines} == {word.partition("=")[0] for word in wrong}


def test_levers_are_named_only_where_they_are_keys() -> None:
    keys = frozenset({"world.groups"})
    for known, named in ((keys, False), (keys | {"court.staff"}, True)):
        assert ("comity levers" in nearest_key("zzz.qqqqq", Known(known, {}))) == named
