"""The registry of levers, and values as people write them."""

import pickle
import re
from dataclasses import replace
from datetime import date
from importlib import import_module
from pkgutil import iter_modules

import pytest

from sim.law.amendments import Conclude, RemoveDataConflict
from sim.law.vocabulary import Channel
from sim.policy import levers as registry
from sim.policy.lever import LawLever, Selected, WorldLever
from sim.policy.levers import LEVERS, find_lever
from sim.policy.problem import InputError
from sim.policy.units import read_months, read_value

THEMES = [
    import_module(f"{registry.__name__}.{module.name}")
    for module in iter_modules(registry.__path__)
    if module.name != "shared"
]


def test_the_registry_has_every_lever_of_every_theme_once() -> None:
    """What a lever writes or amends, and what it costs, are fields that its type asks for."""
    found = [lever for theme in THEMES for lever in theme.LEVERS]
    assert len(found) == len(LEVERS)
    assert {lever.name: lever for lever in found} == dict(LEVERS)
    assert all(isinstance(lever, LawLever | WorldLever) for lever in found)
    for lever in found:
        assert lever.title and lever.cost and lever.source and lever.acts_on and lever.low <= lever.high
        assert pickle.loads(pickle.dumps(lever)) == lever  # noqa: S301  # scenarios travel with their rules
    with pytest.raises(InputError, match=r"central_authority\.staff"):
        find_lever("central_autority.staff")


READ: dict[str, dict[str, float]] = {
    "central_authority.staff": {
        **{"+50 %": 1.5, "-20 %": 0.8, "−20 %": 0.8, "150 %": 1.5, "1.5 times": 1.5, "1.5": 1.5}
    },
    "transmission.electronic_share": {"90 %": 0.9, "0.9": 0.9, "0,9": 0.9},
    "central_authority.deadline": {"90 days": 90, "2 weeks": 14},
    "central_authority.urgent_head_start": {"6 months": 182.625},
    "evidence.retention_floor": {"1 year": 365.25},
    "law.core_offences": {"5 years": 5, "24 months": 2},
    "police.before_formal": {"yes": 1, "False": 0},
    "politics.affinity_shift": {"-0.2": -0.2},
    "desk.load_growth_after": {"4 % a year": 0.04, "0.04 a year": 0.04, "-2 % per year": -0.02, "5 %/year": 0.05},
}


def test_a_value_is_read_in_the_levers_unit_and_a_ramp_in_months() -> None:
    for lever, values in READ.items():
        assert {text: read_value(LEVERS[lever], text) for text in values} == pytest.approx(values), lever
    assert read_value(LEVERS["law.powers"], ["content", "traffic"]) == ("traffic", "content")
    assert [read_months(written) for written in ("24 months", "2 years", "1 month")] == [24, 24, 1]
    for written in ("24", "90 days", "0 months", "-3 months", "1.5 months", "100 years", ""):
        with pytest.raises(InputError):
            read_months(written)
    # All closes every channel but a state's own procedure.
    assert set(read_value(LEVERS["channels.closed"], "all")) == {c.name.lower() for c in Channel} - {"domestic"}  # type: ignore[arg-type]


REFUSED: dict[str, tuple[object, ...]] = {
    "central_authority.staff": ("-0.5", "-120 %", "nan", "1e400", "90 days", "21", None, True),
    "request.template": ("101 %", "many"),
    "central_authority.deadline": ("90", "90 fortnights", "0 days"),
    "police.before_formal": ("maybe",),
    "channels.closed": (["mlat", "pigeon"], []),
}


def test_what_is_no_value_of_a_lever_is_refused_with_a_fix() -> None:
    for lever, values in REFUSED.items():
        for written in values:
            with pytest.raises(InputError) as caught:
                read_value(LEVERS[lever], written)
            assert caught.value.fix, (lever, written)


def test_a_lever_that_acts_only_with_another_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands under `needs` names a lever, a treaty or what must be there; the list shows it."""
    from sim.policy.listing import print_levers

    assert "central_authority.deadline " in LEVERS["central_authority.deadline_enforceable"].needs
    assert "in force" in LEVERS["law.join"].needs
    themes = "|".join({name.partition(".")[0] for name in LEVERS})
    for lever in LEVERS.values():
        assert set(re.findall(rf"\b(?:{themes})\.\w+", lever.needs)) <= set(LEVERS), lever.name
        print_levers(lever.name)
        assert ("Needs: " in capsys.readouterr().out) == bool(lever.needs)


def test_states_conclude_with_each_other_alone_and_a_conflict_of_data_protection_is_removed_or_left() -> None:
    treaty, conflict, on = LEVERS["law.conclude"], LEVERS["law.data_conflict_removed"], date(2027, 1, 1)
    assert isinstance(treaty, LawLever) and isinstance(conflict, LawLever)
    chosen = Selected("mlat", on, (), requesting=("BEL", "AUT"), requested=("AUT", "USA", "BEL"))
    assert treaty.amends(chosen) == (Conclude((("AUT", "BEL"), ("AUT", "USA"), ("BEL", "USA")), "mlat", on),)
    chosen = Selected(1.0, on, (), requesting=("USA",), requested=("AUT",))
    assert conflict.amends(chosen) == (RemoveDataConflict(("USA",), ("AUT",), on),)
    assert conflict.amends(replace(chosen, value=0.0)) == ()
