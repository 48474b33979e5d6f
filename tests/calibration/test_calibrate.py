"""Tests of complete calibrations of a made-up simulator: results, resuming, and progress."""

import shutil
from dataclasses import replace
from functools import partial
from itertools import count
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import sim
from docs.programs.measure import measured
from sim.calibration import command, emulator, ensemble, prior, runs
from sim.calibration.calibrate import INPUTS, calibrate, find_size, is_beyond, meets_at_first, moving
from sim.calibration.command import FACTS_FIGURE, MOVED_FIGURE, calibration_page, carry_out, manifest, table
from sim.calibration.emulator import CUT
from sim.calibration.targets import Bound, Role, of_role, targets
from sim.calibration.validate import (
    TargetFinding,
    errors_of,
    find,
    judged,
    meeting_all,
    movements,
    own_error,
    sentences,
    validation_page,
)
from sim.calibration.waves import SIZES, Size, desk_key
from sim.cli import INPUT_ERROR, main
from sim.experiments import seal
from sim.experiments.manifest import code_version
from sim.experiments.sets import ChosenBy
from sim.policy.problem import InputError
from sim.report.page.parts import markdown_of
from sim.results.words import per_cent
from sim.world.parameters import Parameters, with_values
from sim.world.records import DeskKind
from tests.calibration.made_up import CHANCE, SIZE, carried_out, deciding, setting, simulate
from tests.report.reading import check_first_screen

TINY = Size(prior=20, repeats=4, waves=(8,), candidates=12, tries=1, kept=6, confirm=2)
RUNS = sum(SIZE.steps)
#: Columns of a wave's runs that say which run a row is.
ROW = "set", "seed", "code", "failed"


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Fixture: emulators of one shape and few particles, for speed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulator, "SHAPES", emulator.SHAPES[:2])  # two parameters decide each fact
        patch.setattr(emulator, "RESTS", emulator.RESTS[-2:])
        patch.setattr(prior, "PARTICLES", 600)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("calibration")


@pytest.fixture(scope="module")
def counted(folder):
    """Runs a calibration; returns its result and its progress reports."""
    counts = []
    return carried_out(folder, progress=lambda done, total: counts.append((done, total))), counts


@pytest.fixture(scope="module")
def found(counted):
    return counted[0]


@pytest.fixture(scope="module")
def frame(found):
    return table(found)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Fixture: folder and result of a calibration of the smallest size."""
    return (place := tmp_path_factory.mktemp("tiny")), least(place)


def least(place, evaluate=simulate, carry=calibrate, **changes):
    """Runs a calibration of the smallest possible size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prior, "PARTICLES", 100)
        return carry(replace(setting(place, evaluate, TINY), **changes))


def about(found, folder):
    return manifest(found, setting(folder), "small")


def shipped(frame, folder, manifest=()):
    """Writes an ensemble and reads it again."""
    made = {"made": "today", "code": code_version(), **dict(manifest)}
    ensemble.write(frame, made, folder / "ensemble.parquet")
    return ensemble.load(folder / "ensemble.parquet")


def rows_of(text):
    """Cells of the rows of a text's first table, by the row's first cell."""
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n## ")[0].splitlines() if "|" in line
    ]
    return {first: rest for first, *rest in rows}


def test_sizes_stay_within_the_budget():
    assert sum(SIZES["full"].steps) <= 2600 and SIZES["full"].kept >= 100
    with pytest.raises(InputError, match="--size"):
        find_size("huge")


def test_every_run_has_a_seed_of_its_own_and_progress_counts_all_steps_as_one(counted):
    found, counts = counted
    seeds = np.concatenate([wave.runs["seed"] for wave in (*found.waves, found.confirmed)])
    assert len(np.unique(seeds)) == len(seeds) == len(found.runs) == RUNS
    done, totals = zip(*counts, strict=True)
    assert set(totals) == {RUNS} and (done[0], done[-1]) == (0, len(found.runs)) and sorted(done) == list(done)


def test_all_runs_are_kept_in_one_table_with_their_parameters_and_all_that_they_gave(found, frame, tmp_path):
    """Each run of each wave is a row; a set has one number wherever it ran; kept are the sets of the ensemble."""
    runs.write(found, tmp_path / runs.FILE)
    kept = sim.runs(tmp_path)
    pd.testing.assert_frame_equal(kept, sim.runs(tmp_path / runs.FILE))
    assert len(kept) == RUNS and kept["seed"].is_unique and tuple(kept)[: len(runs.ABOUT)] == runs.ABOUT
    assert kept["wave"].value_counts().sort_index().tolist() == list(SIZE.steps)
    assert set(kept) == {*runs.ABOUT, *prior.names(), *map(runs.named, found.runs.columns.drop([*ROW]))}
    real = np.array([not axis.whole for axis in prior.axes()])
    for number, wave in enumerate((*found.waves, found.confirmed)):
        rows = kept[kept["wave"] == number]
        shares = prior.shares(rows)[:, real], wave.cube[wave.runs["set"]][:, real]
        assert np.allclose(*shares, atol=1e-6)
        assert rows["turnaround_median"].tolist() == wave.runs["turnaround_median"].tolist()
        assert rows["fact.mla_parties_months"].tolist() == wave.runs["mla_parties_months"].tolist()
        assert rows["wait.court"].tolist() == wave.runs[desk_key(DeskKind.COURT)].tolist()
    assert (kept.groupby("set")["desk.rebound"].nunique() == 1).all() and kept["set"].nunique() < RUNS
    last = kept[kept["wave"] == kept["wave"].max()]
    assert last["kept"].all() and last["set"].nunique() == len(frame) == kept[kept["kept"]]["set"].nunique()
    assert last.groupby("set", sort=False)["desk.rebound"].first().tolist() == frame["desk.rebound"].tolist()
    for content in (b"", b"no table"):
        (tmp_path / "odd.parquet").write_bytes(content)
        with pytest.raises(InputError, match=r"source = .*odd\.parquet'?: no table of runs"):
            sim.runs(tmp_path / "odd.parquet")
    frame.to_parquet(tmp_path / "odd.parquet")
    for source, words in (("odd.parquet", "wave is missing"), ("none", "no table")):
        with pytest.raises(InputError, match=words):
            sim.runs(tmp_path / source)


def test_chance_is_estimated_from_pairs(found):
    """The variance by chance is estimated from 30 pairs of runs, within four standard errors of 10 %."""
    parts = [part for part in found.first.parts if part.target in found.targets and part.target.slope == 1.0]
    ratios = [part.chance / (CHANCE * part.target.half_width) ** 2 for part in parts]
    assert len(parts) >= 6 and np.mean(ratios) == pytest.approx(1.0, abs=0.4)


def test_sets_that_are_kept_agree_better_than_the_prior_by_fresh_runs(found, frame):
    met = [target.inside(frame[f"value.{target.key}"].to_numpy()).mean() for target in found.targets]
    assert np.mean(met) > meets_at_first(found.waves[0], found.targets).to_numpy().mean() + 0.1
    assert meeting_all(frame, found.targets) > 0.05  # of the prior some one in 100,000
    assert np.isnan(meeting_all(frame, []))
    target = found.targets[0]
    runs = frame[[f"run_1.{target.key}", f"run_2.{target.key}"]].to_numpy()
    assert np.allclose(frame[f"value.{target.key}"], mean := runs.mean(axis=1)) and (runs[:, 0] != runs[:, 1]).all()
    assert np.allclose(frame[f"distance.{target.key}"], target.distance(mean))


def test_what_decides_a_target_moves_or_narrows_and_nothing_else(found):
    moved = movements(found.confirmed.cube)
    deciders = moved.iloc[[deciding(place)[0] for place in range(len(found.targets))]]
    others = moved.iloc[2 * len(found.targets) + 20 :]
    assert deciders["ratio"].mean() < 0.8 and others["identified"].mean() < 0.05
    assert others["ratio"].mean() == pytest.approx(1.0, abs=0.05)


def test_what_moves_facts_is_named_as_an_input_and_nothing_else_is(found):
    """Only parameters that affect facts become inputs of emulators (false alarm: 1 %).

    Sixteen rankings name 0.8 of those on average: four or more with a probability of 1 %.
    """
    movers = set(moving(found.waves[0], found.targets))
    deciders = {prior.names()[deciding(place)[0]] for place in range(len(found.targets))}
    others = set(prior.names()[2 * len(found.targets) + 60 :])
    assert len(deciders & movers) > 0.8 * len(deciders) and len(movers & others) <= 3
    assert {at for part in found.last.parts for at in part.emulator.strongest.tolist()} <= {*found.inputs.tolist()}
    assert len(found.inputs) <= INPUTS < len(prior.names())


def test_a_fact_is_beyond_reach_only_where_neither_runs_nor_emulator_come_near(found):
    """A fact is beyond reach only if no run and no prediction of the emulator is near it."""
    exact = next(part for part in found.first.parts if part.target.bound is Bound.NONE and part.target.scale == "log")
    runs = exact.target.linked(found.waves[0].of_sets(exact.target.outcome)[:, 0])
    top, span = float(np.nanquantile(runs, 0.9)), float(np.nanmax(runs) - np.nanmin(runs))
    for value, beyond in ((exact.target.middle, False), (top, False), (top + 5.0 * span, True)):
        moved = replace(exact, target=replace(exact.target, value=float(np.exp(value))))
        assert is_beyond(moved, found.waves[0], 1) is beyond, value
    assert found.beyond == ()


@pytest.mark.parametrize(
    ("near", "least", "beyond"),
    [(0, CUT + 0.1, True), (0, CUT, False), (9, CUT + 0.1, True), (10, CUT + 0.1, False), (10, CUT, False)],
)
def test_beyond_reach_is_what_less_than_one_in_a_hundred_runs_and_no_looked_at_set_come_near(near, least, beyond):
    """A fact is beyond reach if less than 1 % of runs, and no set in the emulator, come near it."""
    far = CUT * 2.0  # the standard deviation that is not explained is 2
    runs = np.where(np.arange(1000) < near, far, np.nextafter(far, np.inf))
    runs[-1] = np.nan
    part = SimpleNamespace(
        target=SimpleNamespace(outcome="x", linked=lambda values: values),
        apart=lambda values: values,
        unexplained=4.0,
        implausibility=lambda looked: np.linspace(least, least + 1.0, len(looked)),
    )
    wave = SimpleNamespace(of_sets=lambda _: runs[:, np.newaxis], cube=np.zeros((1000, 3)))
    assert is_beyond(part, wave, 1) is beyond


def test_sets_whose_desks_break_their_promise_are_not_kept_and_all_is_written_to_the_folder(tmp_path, capsys):
    """A calibration rejects sets whose desks miss their target waits, and writes all its results."""

    def slow(world, parameters, seed):
        theme, name = prior.names()[-1].split(".")
        low = prior.axes()[-1].at(0.7).value > getattr(getattr(parameters, theme), name)
        return simulate(world, parameters, seed) | ({desk_key(DeskKind.COURT): 2.0} if low else {})

    written = least(tmp_path, slow, partial(carry_out, size_name="small", publish=False), console=Console(width=300))
    figures = [f"{name}.svg" for name in (FACTS_FIGURE, MOVED_FIGURE)]
    assert [path.name for path in written] == [
        ensemble.FILE,
        runs.FILE,
        *figures,
        *("calibration.md", "validation.md", "report.html"),
    ]
    said = capsys.readouterr().out
    assert all(path.is_file() and path.is_relative_to(tmp_path) and f"Written: {path}" in said for path in written[:-1])
    made, about = ensemble.load(written[0]), ensemble.load().manifest
    promised = made.manifest["candidates_that_keep_promises"]
    assert 0 < promised < TINY.candidates and made.size == min(TINY.kept, promised)
    assert (prior.shares(made.frame)[:, -1] >= 0.7).all()
    assert "fresh runs 100 % keep their desks' promise" in " ".join(written[4].read_text("utf-8").split())
    assert made.manifest["version"] == about["version"] + 1 and made.manifest["versions"][:-1] == about["versions"]
    assert made.own_error[:2] == pytest.approx(own_error(judged(made, Role.VALIDATION))[:2], abs=1e-3)
    assert runs.read(written[1]).query("kept")["set"].nunique() == made.size
    assert len(seal.sums(tmp_path)) > len(written) and seal.differences(tmp_path) == {}


@pytest.mark.parametrize(
    ("size", "publish", "renews"), [("full", True, True), ("small", True, False), ("full", False, False)]
)
def test_a_full_calibration_of_the_default_world_renews_what_the_package_ships(
    found, size, publish, renews, tmp_path, monkeypatch
):
    """Only a full calibration that is to be published renews the package's parameter sets and pages."""
    data, docs = tmp_path / "data", tmp_path / "docs"
    for place in (data, docs, tmp_path / "results"):
        place.mkdir()
    for name in ("influence.csv", ensemble.FILE, ensemble.MANIFEST):
        shutil.copyfile(command.DATA / name, data / name)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    monkeypatch.setattr(command, "DATA", data)
    monkeypatch.setattr(command, "DOCS", docs)
    monkeypatch.setattr(command.steps, "calibrate", lambda _: found)
    monkeypatch.setattr(command.waves, "run", simulate)
    written = carry_out(setting(tmp_path / "results"), size, publish=publish)
    changed = {path.name for path in data.iterdir() if path.read_bytes() != before[path.name]}
    pages = {"calibration.md", "validation.md", "figures"}
    assert {path.name for path in docs.iterdir()} == (pages if renews else set())
    assert changed == ({"influence.csv", ensemble.FILE, ensemble.MANIFEST} if renews else set())
    outside = {path for path in written if not path.is_relative_to(tmp_path / "results")}
    shipped_ = {data / name for name in ("influence.csv", ensemble.FILE, ensemble.MANIFEST)}
    drawn = {docs / "figures" / f"{name}.svg" for name in (FACTS_FIGURE, MOVED_FIGURE)}
    assert outside == ({*shipped_, *drawn, docs / "calibration.md", docs / "validation.md"} if renews else set())
    if renews:
        results = tmp_path / "results"
        assert (data / ensemble.FILE).read_bytes() == (results / ensemble.FILE).read_bytes()
        assert (docs / "calibration.md").read_text("utf-8") == (results / "calibration.md").read_text("utf-8")


@pytest.mark.slow
def test_a_calibration_that_was_killed_resumes_with_the_same_sets(tiny, tmp_path):
    calls = count()

    def dying(world, parameters, seed):
        if next(calls) >= TINY.prior + TINY.repeats + 4:
            raise SystemExit
        return simulate(world, parameters, seed)

    with pytest.raises(SystemExit):
        least(tmp_path / "killed", dying)
    pd.testing.assert_frame_equal(table(tiny[1]), table(least(tmp_path / "killed")))


@pytest.mark.usefixtures("counted")
def test_a_folder_of_another_size_or_seed_is_refused(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    assert main(["calibrate", "--seed", "5", "--study", str(tmp_path), "-q"]) == INPUT_ERROR
    assert "another seed, size or model" in capsys.readouterr().err
    with pytest.raises(InputError, match="another seed, size or model"):
        carried_out(tmp_path, replace(SIZE, prior=SIZE.prior + 1))
    with np.load(tmp_path / "wave-0" / "sets.npz") as kept:
        parts = dict(kept)
    parts["names"][0] = "theme.gone"
    np.savez_compressed(tmp_path / "wave-0" / "sets.npz", **parts)
    with pytest.raises(InputError, match="another seed, size or model"):
        carried_out(tmp_path)


@pytest.mark.usefixtures("counted")
def test_damaged_sets_of_its_folder_are_named_in_one_message(folder, tmp_path, capsys):
    """Damaged parameter sets in a calibration's folder give one message that names them."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    sets = tmp_path / "wave-0" / "sets.npz"
    for content in (sets.read_bytes()[:400], b""):
        sets.write_bytes(content)
        assert main(["calibrate", "--study", str(tmp_path), "-q"]) == INPUT_ERROR
        said = capsys.readouterr().err
        assert f"{sets}: damaged (" in said and "Restore the file" in said and "Traceback" not in said


def test_a_job_whose_line_is_damaged_is_done_again(found, folder, tmp_path):
    """A job whose line in the ledger is damaged is run again."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    ledger = tmp_path / "wave-0" / "jobs.jsonl"
    first, *rest = ledger.read_text("utf-8").splitlines(keepends=True)
    ledger.write_text("".join([first[:40], *rest]), "utf-8")
    done = []

    def again(world, parameters, seed):
        done.append(seed)
        return simulate(world, parameters, seed)

    pd.testing.assert_frame_equal(table(calibrate(setting(tmp_path, again))), table(found))
    assert 0 < len(done) < RUNS / 2, "the other lines are kept"


@pytest.mark.slow
def test_failed_runs_do_not_end_it(tmp_path):
    def failing(world, parameters, seed):
        if seed % 7 == 0:
            raise ValueError("no")
        return simulate(world, parameters, seed)

    found = least(tmp_path, failing)
    assert found.runs["failed"].notna().any() and len(table(found)) == TINY.kept


def test_the_ensemble_comes_back_as_it_was_written(found, frame, folder):
    loaded = shipped(frame, folder, about(found, folder))
    assert loaded.size == SIZE.kept and list(loaded.values[0]) == prior.names()
    assert loaded.values[4]["desk.rebound"] == frame["desk.rebound"].iloc[4] != loaded.values[5]["desk.rebound"]
    sets = loaded.sets()
    assert sets.parameters(Parameters(), 1) == with_values(Parameters(), loaded.values[0])
    assert sets.standing is ChosenBy.CALIBRATED and len(sets.values) == loaded.size
    assert loaded.manifest["parameters_varied"] == len(prior.names())
    assert len(found.inputs) and loaded.manifest["inputs"] == [prior.names()[place] for place in found.inputs]


def test_the_page_says_what_was_found(found, frame, folder):
    text = markdown_of(calibration_page(found, frame, about(found, folder)))
    assert all(target.title in text for target in found.targets)
    words = " ".join(text.split())  # which lines break where depends on the name of the version
    assert "Not identified" in text and f"{len(found.runs):,} runs" in words and "nan" not in text
    facts, less = rows_of(text.split("## Facts")[1]), 0
    for first, part in zip(found.first.parts, found.last.parts[: len(found.targets)], strict=False):
        target, runs = part.target, found.waves[0].of_sets(part.target.outcome)[:, 0]
        insides = target.inside(runs), target.inside(frame[f"value.{target.key}"].to_numpy())
        assert facts[target.title][2:4] == [f"{100 * inside.mean():.0f} %" for inside in insides]
        unit, known = target.half_width * target.slope, part.emulator.explained
        cells = first.emulator.explained, known, part.own_error**0.5 / unit, part.chance**0.5 / unit
        shown = [float(cell.replace("–", "nan")) for cell in facts[target.title][5:9]]
        assert shown == pytest.approx(cells, abs=0.006, nan_ok=True), target.key
        less += part.own_error < part.chance
    assert f"for {less} of {len(found.targets)} facts the emulator errs less than chance" in words


def test_the_page_sets_prior_single_runs_and_means_beside_each_other_by_sort_of_fact(found, frame, folder):
    text = markdown_of(calibration_page(found, frame, about(found, folder)))
    table = rows_of(text.split("## What the prior meets, and what the sets meet")[1])
    sorts = {"informative": [one for one in of_role(Role.FIT) if one.informative]}
    sorts["kept apart, two-sided"] = [one for one in of_role(Role.VALIDATION) if one.bound is Bound.NONE]
    sorts["kept apart, one-sided"] = [one for one in of_role(Role.VALIDATION) if one.bound is not Bound.NONE]
    for sort, facts in sorts.items():
        first = [[bool(one.inside(run)) for run in found.waves[0].of_sets(one.outcome)[:, 0]] for one in facts]
        fresh = [found.confirmed.of_sets(one.outcome) for one in facts]
        single = [[bool(one.inside(run)) for run in runs_.ravel()] for one, runs_ in zip(facts, fresh, strict=True)]
        means = [list(map(bool, one.inside(runs_.mean(axis=1)))) for one, runs_ in zip(facts, fresh, strict=True)]
        cells = table[sort]
        assert cells[0] == str(len(facts)) and int(cells[2]) <= len(facts)
        expected = [
            (np.mean(inside), np.mean([all(run) for run in zip(*inside, strict=True)]))
            for inside in (first, single, means)
        ]
        assert cells[3:] == [f"{100 * share:.0f} %" for both in expected for share in both], sort
    assert sum(len(facts) for facts in sorts.values()) > 15
    words = " ".join(text.split())
    assert f"{table['informative'][6]} of these runs do" in words, "single runs are beside the means"


def test_validation_keeps_fitted_and_held_out_apart(found, frame, folder):
    page = validation_page(shipped(frame, folder, about(found, folder)))
    text = markdown_of(page)
    order = [text.index(f"## {title}") for title in ("Held out", "Missed once", "Fitted to", "Inputs that a run")]
    assert order == sorted(order)
    held, revised = text[order[0] : order[1]], text[order[1] : order[2]]
    check_first_screen(page.answer)
    assert f"{SIZE.kept} parameter sets" in page.answer[0]
    assert "Requests for assistance that Australia gets" in held and "Joint operations without an arrest" not in held
    assert "Joint operations that the USA led" in revised and "Joint operations that the USA led" not in held
    assert "it needs panels of states" in text[order[3] :] and "nan" not in text


def test_the_first_screen_names_the_fact_that_is_met_worst(frame, folder):
    held = of_role(Role.VALIDATION)
    inside = {f"value.{one.key}": np.full(len(frame), one.value) for one in held}
    far = next(one for one in held if one.unit == "months")
    answer = sentences(shipped(frame.assign(**(inside | {f"value.{far.key}": 7.0 * far.high})), folder))
    check_first_screen(answer)
    assert f"agrees with {len(held) - 1}, and its 90 % intervals hold {len(held) - 1};" in answer[1]
    assert f"does worst on “{far.title}”, {7.0 * far.high:.3g} (" in answer[1]


def test_verdicts_by_hand(found, frame, folder):
    target = next(one for one in found.targets if one.scale == "log" and one.bound is Bound.NONE)
    spread = np.linspace(-1.0, 1.0, len(frame))
    inside, reaches, out = "| inside |", "| median outside, interval reaches it |", "| missed |"
    for shift, expected, holds in ((0.0, inside, True), (2.5, reaches, False), (1.5, inside, True), (9.0, out, False)):
        values = np.exp(target.middle + (shift + spread) * target.error)
        made = shipped(frame.assign(**{f"value.{target.key}": values}), folder)
        finding, page = find(made, target), markdown_of(validation_page(made))
        assert expected in next(line for line in page.splitlines() if line.startswith(f"| {target.title} |"))
        assert (finding.agrees, finding.holds()) == (expected == inside, holds) and finding.holds(
            own=9.0 * target.error
        )
        assert finding.width() == pytest.approx(np.exp(1.8 * target.error))
        assert finding.inside == pytest.approx(np.mean((values >= target.low) & (values <= target.high)))
    values[: len(frame) // 10] = np.nan
    made = shipped(frame.assign(**{f"value.{target.key}": values}), folder)
    assert find(made, target).missing == pytest.approx(0.1) and "missing in 10 % of the sets" in markdown_of(
        validation_page(made)
    )


def test_the_models_own_error_is_what_measurement_and_sets_leave_and_bounds_have_no_part_in_it():
    """The model's own error is what measurement and sets leave, within four standard errors of 11 %."""
    draw, exact = np.random.default_rng(5), [one for one in of_role(Role.FIT) if one.bound is Bound.NONE]
    exact = [one for scale in ("log", "logit") for one in [one for one in exact if one.scale == scale][:4] * 10]
    found = []
    for one in exact:
        target = replace(one, error=0.3)
        median = target.middle + draw.normal(0.0, np.hypot(0.5, 0.3))
        low, middle, high = target.unscaled(median + 1.645 * np.array([-1e-3, 0.0, 1e-3]))
        found.append(TargetFinding(target, float(low), float(middle), float(high)))
    known = errors_of(found)
    assert own_error(found)[:2] == (known.common.error,) * 2 == pytest.approx((0.5, 0.5), rel=0.5)
    most = max(known.classes.values(), key=lambda one: one.facts)
    assert most.facts >= 20 and most.checked and most.error == pytest.approx(0.5, rel=0.44)
    assert np.isnan(own_error([])).all()
    bounds = [replace(one, target=replace(one.target, bound=Bound.LOWER), median=one.median * 9.0) for one in found]
    nowhere = [replace(one, low=np.nan, median=np.nan, high=np.nan) for one in found]
    assert errors_of([*found, *bounds, *nowhere]) == known


def test_the_page_of_validation_judges_by_class_apart_from_bounds_and_says_what_single_runs_meet(found, frame, folder):
    page = markdown_of(validation_page(shipped(frame, folder, about(found, folder))))
    own = page.split("## The model's own error")[1].split("##")[0]
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in own.splitlines() if line.startswith("| ")}
    held = judged(shipped(frame, folder, about(found, folder)), Role.VALIDATION)
    two = [one for one in held if one.target.bound is Bound.NONE]
    every, classes = rows["**all, one left out in turn**"], [row for row in rows.values() if "checked" in row[-1]]
    assert int(every[1]) == len(two) and int(every[2]) == sum(one.agrees for one in two)
    for column in (1, 2, 4, 5):
        assert sum(int(row[column]) for row in classes) == int(every[column])
    assert {row[0].strip("| ") for row in classes if int(row[1]) < 3} == {
        row[0].strip("| ") for row in classes if "not checked" in row[-1]
    }
    assert f"stand {len(held) - len(two)} facts that are bounds" in own
    singly = page.split("## Single runs")[1].split("##")[0]
    single = next(line.split(" | ") for line in singly.splitlines() if line.startswith("| held out, two-sided"))
    runs = [frame.filter(regex=rf"^run_\d+\.{one.target.key}$").to_numpy() for one in two]
    shares = [one.target.inside(values).mean() for one, values in zip(two, runs, strict=True)]
    assert single[4] == per_cent(float(np.mean(shares))) and single[1] == f"{every[2].strip()} of {len(two)}"


def test_facts_that_were_added_and_others_are_measured_by_the_same_sets(found, frame, folder, tmp_path, monkeypatch):
    added, full = [one.key for one in of_role(Role.VALIDATION) if one.added], about(found, folder)
    before = {"prior": {key: ends for key, ends in full["prior"].items() if key not in added}, "own_error": 9.0}
    made = shipped(frame[[name for name in frame if name.partition(".")[2] not in added]], folder, full | before)
    measured_now = {one.target.key for role in Role for one in judged(made, role)}
    unmeasured = [one.key for one in targets() if one.outcome and one.key not in measured_now]
    page = markdown_of(validation_page(made)).split("## Definitions")[0]
    assert unmeasured == added and "in which Eurojust took part" not in page
    monkeypatch.setattr("docs.programs.KEPT", tmp_path)
    again = measured(made, simulate)
    pd.testing.assert_frame_equal(again.frame[list(frame)], frame)
    assert [again.manifest["prior"][key] for key in added] == [pytest.approx(full["prior"][key]) for key in added]
    of_all = own_error(judged(again, Role.VALIDATION))
    assert again.own_error.levels == pytest.approx(of_all.levels, abs=1e-3)
    assert "runs of a later one" in markdown_of(validation_page(again)) and "runs of a later one" not in page
    monkeypatch.setattr("docs.programs.KEPT", tmp_path / "other")
    later = measured(made, lambda world, parameters, seed: simulate(world, parameters, seed + 1))
    key = f"value.{found.targets[0].key}"  # of the model as it is then
    assert (later.frame[key] != frame[key]).any() and later.frame[prior.names()].equals(frame[prior.names()])
    with pytest.raises(InputError, match="facts that choose sets"):
        measured(replace(made, manifest=full), simulate)


def test_chance_is_distinguished_from_parameters(found, frame, folder):
    """If runs differ by chance alone, more than half of the variance of their means is attributed to chance."""
    target, draw = found.targets[0], np.random.default_rng(3)
    runs = {f"run_{number}.{target.key}": draw.standard_normal(len(frame)) for number in (1, 2)}
    mean = {f"value.{target.key}": np.mean(list(runs.values()), axis=0)}
    assert find(shipped(frame.assign(**runs, **mean), folder), target).by_chance > 0.5
    sets = np.linspace(0, 100, len(frame))
    apart = frame.assign(**{name: sets + run for name, run in runs.items()})
    assert find(shipped(apart, folder), target).by_chance < 0.01


@pytest.mark.slow
def test_results_are_made_again_from_runs_that_are_there_and_from_no_others(tiny, tmp_path):
    folder, found = tiny
    pd.testing.assert_frame_equal(table(least(folder, finished=True)), table(found))
    shutil.copytree(folder, tmp_path / "some")
    ledger = tmp_path / "some" / "wave-0" / "jobs.jsonl"
    ledger.write_text("".join(ledger.read_text("utf-8").splitlines(keepends=True)[:-2]), "utf-8")
    for name, words in (("some", "runs are missing"), ("none", "--study")):
        with pytest.raises(InputError, match=words):
            least(tmp_path / name, finished=True)
