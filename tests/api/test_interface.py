"""Tests that `import sim` loads little, and that its modules can be called as functions."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.api.entry_point import overrides, written
from sim.law.vocabulary import DataKind

PUBLIC = """CalibrationFolder CaseReplay InputError LegalAnswer Model Outcomes OwnFacts Scenario StudyResult SweepResult
__version__ ablate calibrate case compare demo ensemble evidence facts files law league levers mesa_model open outcomes
parameters portfolio regret run runs scenarios simulate states sweep to_ema to_salib treaties use"""


def test_only_public_names_are_listed_and_each_is_there() -> None:
    assert set(dir(sim)) == set(sim.__all__) == set(PUBLIC.split())
    for name in PUBLIC.split():
        assert getattr(sim, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'compere'"):
        sim.compere  # noqa: B018


def test_the_reference_has_every_public_name() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "python.md").read_text("utf-8")
    shown = re.findall(r"auto(?:function|class|exception|data):: sim\.(?:[a-z_.]+\.)?(\w+)", page)
    assert sorted(set(shown) - {"CooperationModel"}) == sorted(set(sim.__all__) - {"__version__"})


def test_help_shows_a_function_that_is_a_module_too() -> None:
    assert "measures one world under one scenario" in printed("import sim, sim.law.order; help(sim.simulate)")
    assert "legal channels" in printed("import sim, sim.law.order; print(sim.law.__doc__)")


def printed(code: str) -> str:
    """Output of code that runs in a new Python process."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_takes_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import sim; print(*sorted(set(sys.modules) - before))"
    assert printed(code) == "sim\n"


def test_the_law_answers_no_matter_what_was_imported_first() -> None:
    request = "import sim\nprint(sim.law('DEU', 'USA', 'content', on='2026-09-01').answer.question.on)"
    for first in ("import sim.law.order", "from sim.law.vocabulary import Channel"):
        assert printed(f"{first}\n{request}") == "2026-09-01\n"


def test_the_law_is_a_package_and_a_question() -> None:
    request = sim.law("Germany", "USA", "content", on="2026-09-01")
    assert request.answer.question.requesting == "DEU"
    assert request.answer.question.data_kind is DataKind.CONTENT
    assert {"mlat", "budapest"} <= set(request.open["channel"])
    assert request.closed["reason"].str.len().min() > 0 and "Open channels" in repr(request)


def test_values_are_written_as_the_configuration_reads_them() -> None:
    for value, text in {
        **{True: "true", 0.5: "0.5", 3: "3", "a_b-c.d:e/2": "a_b-c.d:e/2", "": "''", "a b": "'a b'", "50 %": "'50 %'"},
        **{"it's": "'it\\'s'", "a\\b": "'a\\\\b'", Path("/x y"): "'/x y'", ("DEU", "a b", 2): "[DEU,'a b',2]"},
    }.items():
        assert written(value) == text
    assert overrides({"execution.replicates": 3, "world": "tiny"}) == ["execution.replicates=3", "world=tiny"]
