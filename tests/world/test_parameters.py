"""Every parameter has a plausible range that can be sampled as it is declared."""

from dataclasses import Field

import pytest

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters import Declaration, Parameters, Plausible, Scale, declarations
from sim.world.parameters.declaration import parameter

DECLARED = {name: declaration for name, _, declaration in declarations()}
PLAUSIBLE = {name: about.plausible for name, about in DECLARED.items() if about.plausible}


def _default(name: str) -> float:
    theme, _, key = name.partition(".")
    return float(getattr(getattr(Parameters(), theme), key))


def test_all_but_switches_have_a_plausible_range() -> None:
    assert {name for name, about in DECLARED.items() if about.unit != "switch"} == set(PLAUSIBLE)
    assert any(about.unit == "switch" for about in DECLARED.values())
    assert any(about.tag is EvidenceTag.VERIFIED for about in DECLARED.values())


def test_a_plausible_range_holds_the_default_within_a_wider_allowed_range() -> None:
    for name, span in PLAUSIBLE.items():
        about = DECLARED[name]
        assert span.low <= _default(name) <= span.high, name
        assert about.low <= span.low < span.high <= about.high, name
        assert span.high - span.low < about.high - about.low, name


def test_a_reason_is_one_short_line() -> None:
    reasons = {name: span.reason for name, span in PLAUSIBLE.items()}
    wrong = {
        name: reason
        for name, reason in reasons.items()
        if not 10 <= len(reason) <= 100 or "\n" in reason or reason != reason.strip().rstrip(".")
    }
    assert not wrong


@pytest.mark.parametrize(
    ("low", "high", "scale", "problem"),
    [
        (1, 1, Scale.LINEAR, "low end is not below"),
        (2, 1, Scale.LOG, "low end is not below"),
        (0, 1, Scale.LOG, "begins above 0"),
        (-1, 1, Scale.LOG, "begins above 0"),
        (0, 0.5, Scale.LOGIT, "between 0 and 1"),
        (0.5, 1, Scale.LOGIT, "between 0 and 1"),
    ],
)
def test_a_range_that_cannot_be_on_its_scale_is_refused(low: float, high: float, scale: Scale, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Plausible(low, high, scale, "a test")


@pytest.mark.parametrize(
    ("scale", "middle"), [(Scale.LINEAR, 0.45), (Scale.LOG, 0.2846049894), (Scale.LOGIT, 0.5)], ids=str
)
def test_a_scale_goes_from_end_to_end(scale: Scale, middle: float) -> None:
    low, high = (0.1, 0.9) if scale is Scale.LOGIT else (0.09, 0.9) if scale is Scale.LOG else (0.0, 0.9)
    values = [scale.between(low, high, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert values == sorted(values)
    assert [values[0], values[2], values[-1]] == pytest.approx([low, middle, high])


#: Parameters of which the second is at least the first, no matter which values are drawn.
ORDERED = (
    ("trust.contact_takes_least", "trust.contact_takes_most"),
    ("reform.law_lag_least_years", "reform.law_lag_most_years"),
    ("reform.operation_least_years", "reform.operation_most_years"),
)


@pytest.mark.parametrize(("least", "most"), ORDERED)
def test_plausible_values_keep_their_order(least: str, most: str) -> None:
    assert PLAUSIBLE[least].high <= PLAUSIBLE[most].low


def test_plausible_shares_of_kinds_of_data_leave_some_for_content() -> None:
    shares = [PLAUSIBLE[f"evidence.{kind}_share"] for kind in ("subscriber", "traffic")]
    assert sum(span.high for span in shares) < 1


def test_a_parameter_without_plausible_range_is_no_field() -> None:
    unfinished = parameter(1, "days", 0, 2, "a test", "a test")
    assert isinstance(unfinished.declaration, Declaration)
    assert not isinstance(unfinished, Field)
    assert isinstance(unfinished.plausible(0.5, 1.5, Scale.LOG, "a test"), Field)
