"""Tests of experts' forms on open choices: pooling, weights by seed questions, refusals, and draws."""

from pathlib import Path

import numpy as np
import pytest

from sim.calibration import prior
from sim.calibration.judgement import (
    QUANTILES,
    SEEDS,
    Judgement,
    Opinion,
    axes_of_choices,
    form_text,
    read_forms,
    score,
    seed_questions,
    seeds_text,
    write_forms,
)
from sim.calibration.waves import SIZES, CalibrationSetting
from sim.measures.arrays import Floats
from sim.policy.problem import InputError
from sim.results.depends import open_choices

ROOT = Path(__file__).parents[2]
COURTS = "desk.court_elasticity"
COURTS_FORM = "choice: courts_fill_up\nanswers:\n  "


def form(folder: Path, expert: str, *quantiles: float, parameter: str = COURTS) -> None:
    """Writes a filled form of an expert on one parameter."""
    choice = next(one for one in open_choices() if parameter in one.parameters)
    (folder / expert).mkdir(parents=True, exist_ok=True)
    text = form_text(choice, {parameter: quantiles}, expert)
    (folder / expert / f"{choice.key}.yaml").write_text(text, encoding="utf-8")


def even(rows: int) -> Floats:
    return prior.uniform(rows, len(prior.axes()), 1)


def test_forms_of_the_modellers_are_the_prior() -> None:
    cube = even(200)
    judgement = read_forms(ROOT / "docs" / "judgement")
    assert np.abs(judgement.placed(cube) - cube).max() < 1e-4
    judged = set(judgement.opinions)
    assert judged == set(axes_of_choices()) and len(judged) > 20


def test_a_filled_form_moves_its_parameter_alone(tmp_path: Path) -> None:
    form(tmp_path, "anna", 0.1, 0.2, 0.4)
    cube, names = even(2_000), prior.names()
    placed = read_forms(tmp_path).placed(cube)
    moved = names.index(COURTS)
    others = [column for column in range(len(names)) if column != moved]
    assert np.array_equal(placed[:, others], cube[:, others])
    values = np.array([prior.axes()[moved].at(share).value for share in placed[:, moved]], np.float64)
    assert np.quantile(values, [0.05, 0.5, 0.95]) == pytest.approx([0.1, 0.2, 0.4], abs=0.01)
    setting = CalibrationSetting(tmp_path, "", SIZES["small"], judgement=read_forms(tmp_path))
    assert np.array_equal(setting.placed(cube), placed)
    assert CalibrationSetting(tmp_path, "", SIZES["small"]).placed(cube) is cube


def test_two_experts_count_the_same_without_seed_questions(tmp_path: Path) -> None:
    form(tmp_path, "anna", 0.01, 0.05, 0.1)
    form(tmp_path, "ben", 0.9, 0.95, 0.99)
    judgement = read_forms(tmp_path)
    assert judgement.weights == {"anna": 0.5, "ben": 0.5} and not judgement.by_seeds
    shares = judgement.quantile(COURTS, np.linspace(0.005, 0.995, 199))
    assert np.mean(shares < 0.5) == pytest.approx(0.5, abs=0.02)
    assert np.all(np.diff(shares) > 0.0)


def test_a_parameter_on_a_log_scale_has_its_quantiles_back(tmp_path: Path) -> None:
    form(tmp_path, "anna", 0.8, 1.2, 2.5, parameter="criminal.active_groups")
    judgement, axis = read_forms(tmp_path), axes_of_choices()["criminal.active_groups"]
    values = [
        axis.at(share).value for share in judgement.quantile("criminal.active_groups", np.array([0.05, 0.5, 0.95]))
    ]
    assert values == pytest.approx([0.8, 1.2, 2.5], rel=0.01)


def _answers(low: float, high: float, offset: float = 1.0) -> dict[str, tuple[float, float, float]]:
    """Ranges around each known value by factors; `offset` moves all of them."""
    return {
        key: (value * offset * low, value * offset * (low * high) ** 0.5, value * offset * high)
        for key, (_, _, value) in seed_questions().items()
    }


def test_weights_reward_ranges_that_hold_what_is_known_and_are_narrow() -> None:
    """Narrow ranges that hold what is known weigh more than wide ones, and wrong ones nothing."""
    keys = [*seed_questions()]
    good, wide, wrong = _answers(0.8, 1.3), _answers(0.05, 20.0), _answers(0.95, 1.05, offset=4.0)
    for number, key in enumerate(keys):  # medians on both sides of what is known
        for one in (good, wide):
            low, middle, high = one[key]
            one[key] = (low, middle * (1.1 if number % 2 else 0.9), high)
    everybody = (good, wide, wrong)
    (held, known), (wide_held, wide_known), (wrong_held, _) = (score(one, everybody) for one in everybody)
    assert held > 0.05 and wide_held > 0.05 and wrong_held < 0.001
    assert known > wide_known


def test_experts_with_seed_answers_have_weights_by_them(tmp_path: Path) -> None:
    def with_seeds(expert: str, answers: dict[str, tuple[float, float, float]]) -> None:
        lines = [f"choice: {SEEDS}", "answers:"]
        for key, values in answers.items():
            lines += [f"  {key}:", *(f"    {name}: {value!r}" for name, value in zip(QUANTILES, values, strict=True))]
        (tmp_path / expert / f"{SEEDS}.yaml").write_text("\n".join(lines), encoding="utf-8")

    form(tmp_path, "anna", 0.1, 0.2, 0.4)
    form(tmp_path, "ben", 0.6, 0.7, 0.8)
    good = _answers(0.7, 1.4)
    for number, key in enumerate(good):
        low, middle, high = good[key]
        good[key] = (low, middle * (1.1 if number % 2 else 0.9), high)
    with_seeds("anna", good)
    assert not read_forms(tmp_path).by_seeds  # not all have answered
    with_seeds("ben", _answers(0.9, 1.1, offset=5.0))
    judgement = read_forms(tmp_path)
    assert judgement.by_seeds and judgement.weights == {"anna": 1.0, "ben": 0.0}
    assert judgement.quantile(COURTS, np.array([0.5]))[0] == pytest.approx(0.2, abs=0.01)


def test_empty_forms_have_every_question_and_say_nothing(tmp_path: Path) -> None:
    paths = write_forms(tmp_path / "anna")
    assert {path.stem for path in paths} == {one.key for one in open_choices()} | {SEEDS}
    text = "".join(path.read_text("utf-8") for path in paths)
    assert all(f"  {name}:" in text for name in (*axes_of_choices(), *seed_questions()))
    with pytest.raises(InputError, match="there already"):
        write_forms(tmp_path / "anna")
    (tmp_path / "anna" / f"{SEEDS}.yaml").unlink()
    with pytest.raises(InputError, match="no form has an answer"):
        read_forms(tmp_path)
    assert all(value > 0.0 for _, _, value in seed_questions().values()) and seeds_text().count("q50") == 10


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (COURTS_FORM + "desk.court_elasticity: {q05: 0.1, q50: 0.2}", "desk.court_elasticity.q95"),
        (
            "choice: courts_fill_up\nanswers: {desk.court_elasticity: {q05: 0.3, q50: 0.2, q95: 0.4}}",
            "desk.court_elasticity.q50",
        ),
        (
            "choice: courts_fill_up\nanswers: {desk.court_elasticity: {q05: 0.1, q50: 0.2, q95: 7}}",
            "desk.court_elasticity.q95",
        ),
        (
            "choice: courts_fill_up\nanswers: {desk.court_pace: {q05: 0.1, q50: 0.2, q95: 0.3}}",
            "answers.desk.court_pace",
        ),
        (COURTS_FORM + "desk.court_elasticity: {q05: low}", "answers.desk.court_elasticity.q05"),
        (
            "choice: courts_fill_up\nanswers: {desk.court_elasticity: {q05: .nan, q50: 1, q95: 1}}",
            "answers.desk.court_elasticity.q05",
        ),
        ("choice: nothing\nanswers: {}", "choice"),
        ("choice: seeds\nanswers: {}", "warrants_denied"),
        ("answers: {}", "choice"),
        ("- a", ""),
        ("choice: !!python/object/apply:os.system ['true']\nanswers: {}", ""),
        ("choice: &a [x, x]\nanswers: *a", ""),
    ],
)
def test_a_wrong_form_is_one_message_with_place_and_fix(text: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "form.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_forms(tmp_path)
    assert "form.yaml" in raised.value.where and raised.value.fix
    assert raised.value.key == key or not key


def test_an_opinion_has_the_least_information_between_its_quantiles() -> None:
    opinion = Opinion("anna", COURTS, (0.2, 0.5, 0.6))
    assert opinion.quantile(np.array([0.0, 0.05, 0.275, 0.5, 0.95, 1.0])) == pytest.approx(
        [0.0, 0.2, 0.35, 0.5, 0.6, 1.0]
    )
    assert Judgement({COURTS: (opinion,)}, {"anna": 1.0}).probability(COURTS, np.array([0.35])) == pytest.approx(
        [0.275]
    )
