"""Tests that every parameter has a plausible range that can be sampled."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.agents.first_day import begin_world
from sim.calibration.ensemble import sets_of_today
from sim.data.load import DataError, Table, derived
from sim.law.order import legal_order
from sim.law.vocabulary import DataKind, EvidenceTag
from sim.world.baseline import standards_of_proof
from sim.world.parameters import (
    GROUP_KINDS,
    RESIDUAL,
    Declaration,
    Parameters,
    Plausible,
    Scale,
    WorldSpec,
    declarations,
    kind_shares,
    with_values,
)
from sim.world.parameters.declaration import Declared, declared
from sim.world.world import records
from tests.tiny import row_of_settings

DECLARED = {name: declaration for name, _, declaration in declarations()}
_MARKETS, _SELLERS = "criminal.marketplace_share", "criminal.communication_share"
PLAUSIBLE = {name: about.plausible for name, about in DECLARED.items() if about.plausible}


def _default(name: str) -> float:
    theme, _, key = name.partition(".")
    return float(getattr(getattr(Parameters(), theme), key))


def test_every_parameter_but_a_switch_has_a_plausible_range_around_its_default_and_a_reason() -> None:
    assert {name for name, about in DECLARED.items() if about.unit != "switch"} == set(PLAUSIBLE)
    assert any(about.unit == "switch" for about in DECLARED.values())
    assert any(about.tag is EvidenceTag.VERIFIED for about in DECLARED.values())
    for name, span in PLAUSIBLE.items():
        about = DECLARED[name]
        assert span.low <= _default(name) <= span.high, name
        assert about.low <= span.low < span.high <= about.high, name
        assert span.high - span.low < about.high - about.low, name
        reason = span.reason
        assert 10 <= len(reason) <= 100 and "\n" not in reason and reason == reason.strip().rstrip("."), name
    # No matter which values are drawn.
    for name in ("trust.contact_takes_{}", "reform.law_lag_{}_years", "reform.operation_{}_years"):
        assert PLAUSIBLE[name.format("least")].high <= PLAUSIBLE[name.format("most")].low
    assert sum(PLAUSIBLE[f"evidence.{kind}_share"].high for kind in ("subscriber", "traffic")) < 1


ROW = {
    **{"parameter": "desk.pause", "meaning": "a pause", "unit": "days", "default": "2", "low": "0", "high": "9"},
    **{"plausible_low": "1", "plausible_high": "4.0", "scale": "log", "reason": "a test", "source": "M6"},
    **{"flag": "judgement", "note": ""},
}
ON = {"unit": "switch", "default": "1", "high": "1"}
ON |= dict.fromkeys(("plausible_low", "plausible_high", "scale", "reason"), "")


def read(*rows: dict[str, str]) -> dict[str, dict[str, Declared]]:
    """Parameters from declarations with some changes."""
    every = tuple(ROW | row for row in rows)
    return declared(Table("x.csv", tuple(every[0]), every), ["desk", "case"])


def test_a_row_declares_a_parameter_of_its_theme_in_the_order_of_the_rows() -> None:
    found = read({}, {"parameter": "case.rest"} | ON, {"parameter": "desk.a", "default": "2.5", "scale": "linear"})
    assert [(theme, list(rows)) for theme, rows in found.items()] == [("desk", ["pause", "a"]), ("case", ["rest"])]
    default, about = found["desk"]["pause"]
    span = Plausible(1, 4.0, Scale.LOG, "a test")
    assert about == Declaration("days", 0, 9, "M6", EvidenceTag.JUDGEMENT, "a pause", span)
    kinds = [type(one) for one in (default, about.low, about.plausible.low, about.plausible.high)]
    assert kinds == [int, int, int, float] and found["desk"]["a"][0] == 2.5
    assert found["case"]["rest"] == (1, replace(about, unit="switch", high=1, plausible=None))
    row = ROW | {"parameter": "risk.usual_news", "default": "derived"}
    (measured,) = declared(Table("x.csv", tuple(ROW), (row,)), ["risk"]).values()
    assert measured["usual_news"][0] == derived("risk.usual_news") == Parameters().risk.usual_news


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        *(({"parameter": name}, "parameter", "no theme; themes are desk, case") for name in ("pause", "dusk.pause")),
        *(({"parameter": f"desk.{name}"}, "parameter", "no name; write") for name in ("", "a-b", "if", "a.b")),
        *(({column: "x"}, column, "not a number; write one") for column in ("default", "low", "high", "plausible_low")),
        *(({"low": text}, "low", "not a number") for text in ("", "nan", "inf", "²")),
        ({"plausible_high": ""}, "plausible_high", "not a number"),
        *(({"low": text}, "low", "not below high, 9; put the lower") for text in ("9", "10")),
        ({"plausible_low": "4"}, "plausible_low", "not below plausible_high, 4"),
        *(({"default": text}, "default", "outside 0 to 9; choose") for text in ("-1", "9.5")),
        ({"plausible_low": "-1"}, "plausible_low", "outside the allowed 0 to 9; choose"),
        ({"plausible_high": "10"}, "plausible_high", "outside the allowed 0 to 9; choose"),
        ({"scale": "logg"}, "scale", "not known; write linear, log, logit"),
        ({"scale": "logit"}, "scale", "does not fit 1 to 4: .* between 0 and 1, .*; change"),
        ({"flag": ""}, "flag", "not known; write verified, recalled, judgement"),
        *(({column: " "}, column, "blank; write") for column in ("meaning", "unit", "source", "reason")),
        *((ON | more, "default", "no switch; write 0 or 1") for more in ({"default": "0.5"}, {"high": "2"})),
        (ON | {"scale": "log"}, "scale", "a switch has no plausible range; leave it blank"),
    ],
)
def test_a_row_that_cannot_be_is_one_message_with_column_value_and_fix(changes, column: str, said: str) -> None:
    row = ROW | changes
    with pytest.raises(DataError, match=said) as caught:
        read(row)
    assert str(caught.value).startswith(f"x.csv: {row['parameter']}: {column} = {row[column]!r} ")


def test_no_two_rows_share_a_name_in_any_theme_and_columns_are_those_announced() -> None:
    for other in ("desk.pause", "case.pause"):
        said = rf"x\.csv: {other}: parameter = '{other}' is the second pause.*; choose another"
        with pytest.raises(DataError, match=said):
            read({}, {"parameter": other})
    with pytest.raises(DataError, match=r"x\.csv: its columns are a; write parameter,meaning"):
        declared(Table("x.csv", ("a",), ()), [])


def test_what_follows_from_settings_is_what_undoes_them() -> None:
    """Settings derived by formulas reproduce the values that they were derived from."""
    changes = {"touch_variation": 2.0, "trust_kept": 0.7, "nodes_to_fall": 0.6, "core_to_fall": 0.3}
    found = row_of_settings(**changes, leak_corrupt=8.0)[0]
    assert math.expm1(found.touch_sigma**2) == pytest.approx(2.0)
    assert math.exp(found.trust_fading) == pytest.approx(0.7)
    left = [(1.0 - 0.6) ** found.residual_nodes, (1.0 - 0.3) ** found.residual_core]
    assert left == pytest.approx([RESIDUAL, RESIDUAL]) and found.leak_step == pytest.approx(2.0)


def test_a_scale_goes_from_end_to_end_and_a_range_that_cannot_be_on_it_is_refused() -> None:
    for scale, low, middle in ((Scale.LINEAR, 0.0, 0.45), (Scale.LOG, 0.09, 0.2846049894), (Scale.LOGIT, 0.1, 0.5)):
        values = [scale.between(low, 0.9, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        assert values == sorted(values)
        assert [values[0], values[2], values[-1]] == pytest.approx([low, middle, 0.9])
    for low, high, scale, problem in (
        *((1, 1, Scale.LINEAR, "low end is not below"), (2, 1, Scale.LOG, "low end is not below")),
        *((0, 1, Scale.LOG, "begins above 0"), (-1, 1, Scale.LOG, "begins above 0")),
        *((0, 0.5, Scale.LOGIT, "between 0 and 1"), (0.5, 1, Scale.LOGIT, "between 0 and 1")),
    ):
        with pytest.raises(ValueError, match=problem):
            Plausible(low, high, scale, "a test")


def test_states_of_common_law_have_standards_of_their_own() -> None:
    request = replace(Parameters().request, standard_content=0.4, standard_content_common=0.5, standard_search=0.6)
    proof = standards_of_proof(("GBR", "DEU", "USA"), request)
    assert proof[:, DataKind.CONTENT] == pytest.approx([0.5, 0.4, 0.5])
    assert proof[1, [DataKind.SEARCH_SEIZURE, DataKind.ARREST_EXTRADITION]] == pytest.approx(0.6)
    assert (proof[:, DataKind.TRAFFIC] == proof[0, DataKind.TRAFFIC]).all() and not proof[:, DataKind.JOINT_TEAM].any()


def test_the_drawn_shares_of_marketplaces_and_sellers_of_communication_are_those_of_groups_that_enter() -> None:
    """New groups are marketplaces and sellers in the drawn shares (five standard errors: 1 in 100,000)."""
    sets, law = sets_of_today(), legal_order()
    drawn = [sets.parameters(Parameters(), seed) for seed in (1, 2, 3)]
    ends = [with_values(Parameters(), {_MARKETS: one, _SELLERS: other}) for one, other in ((0.02, 0.08), (0.12, 0.01))]
    for parameters in (*drawn, *ends):
        shares = np.array(kind_shares(parameters.criminal))
        assert shares.sum() == pytest.approx(1.0)
        world = begin_world(WorldSpec(groups=3000, background=False), parameters, law, 7)
        kinds = np.asarray(records(world, "group"))["kind"]
        found = np.bincount(kinds, minlength=len(shares)) / len(kinds)
        assert (np.abs(found - shares) < 5.0 * np.sqrt(shares * (1.0 - shares) / len(kinds))).all()
        of_kind = dict(zip(GROUP_KINDS, shares, strict=True))
        assert of_kind["marketplaces"] == parameters.criminal.marketplace_share
        assert of_kind["communication_services"] == parameters.criminal.communication_share
