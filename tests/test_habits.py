"""Tests of terminal conventions: exit codes, log lines, colours, completion, version, hooks, citation."""

import logging
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sim.cli import INPUT_ERROR, main
from sim.policy import version
from sim.policy.problem import EXIT_CODES
from tests.interpreted import python

ROOT = Path(__file__).parents[1]


def test_exit_codes_are_those_of_the_table_that_the_help_has(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands return the exit codes that the help lists; test_cli tests signals."""
    bug = "from sim.policy import listing; listing.print_scenarios = lambda _: 1 / 0; "
    ends = {}
    for words, before in (("scenarios", ""), ("scenarios one two", ""), ("scenarios", bug)):
        called = "from sim.__main__ import main; sys.exit(main())"
        code = f"import sys; {before}sys.argv = ['comity', *{words.split()}]; {called}"
        done = python("-c", code)
        ends[done.returncode] = done.stderr
    assert set(ends) == {0, 1, 2}
    assert "ZeroDivisionError" in ends[1]
    assert "Traceback" not in ends[2]
    assert set(EXIT_CODES) == {*ends, 130, 143}
    main([])
    shown = capsys.readouterr().out
    for code, words in EXIT_CODES.items():
        assert re.search(rf"^  {code} +{re.escape(words)}$", shown, re.MULTILINE)


def test_the_version_names_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    number = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    monkeypatch.setattr(version, "commit", lambda: "0123456789abcdef")
    monkeypatch.setattr(version, "is_changed", lambda: True)
    assert version.version_in_words() == f"{number} (commit 0123456789ab, with changes)"
    monkeypatch.setattr(version, "commit", lambda: None)
    assert version.version_in_words() == number


@pytest.mark.usefixtures("quick")
def test_verbose_shows_what_is_done_and_quiet_nothing_else(tmp_path, capsys, monkeypatch):
    words = ["run", "status_quo", "world=tiny", "execution.executor=serial", "--replicates", "2", "-o", str(tmp_path)]
    monkeypatch.setattr(logging.getLogger("sim"), "handlers", [])  # another test may have asked for lines as well
    monkeypatch.setattr(logging.getLogger("sim"), "level", logging.WARNING)
    assert main([*words, "-q"]) == 0
    silent = capsys.readouterr()
    assert silent.err == ""
    assert Path(silent.out.strip()).parent == tmp_path and Path(silent.out.strip()).is_dir()
    assert main([*words, "-q", "-v"]) == 0
    shown = capsys.readouterr()
    lines = shown.err.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d \S", line) for line in lines)
    for part in ("configuration: run world=tiny", "scenario status_quo: scenarios/status_quo.yaml", "begins: 0 done"):
        assert any(part in line for line in lines), part
    assert f"report in {shown.out.strip()}" in lines[-1]
    assert "runs came back" not in shown.err
    main([*words, "-q", "-vv"])
    assert "runs came back" in capsys.readouterr().err


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for environment, colours in (("", False), ("FORCE_COLOR", True), ("FORCE_COLOR NO_COLOR", False)):
        for name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name in environment.split():
            monkeypatch.setenv(name, "1")
        assert main(["law", "DEU", "USA", "content", "--on", "2026-09-01"]) == 0
        shown = re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m", capsys.readouterr().out) is not None
        assert shown == colours, environment


def test_completion_is_installed_where_the_shell_looks(tmp_path, monkeypatch, capsys):
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for shell, name in {
        "bash": "bash-completion/completions/comity",
        "zsh": "zsh/site-functions/_comity",
        "fish": "fish/completions/comity.fish",
    }.items():
        monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
        assert main(["--install-completion"]) == 0
        assert str(tmp_path / name) in capsys.readouterr().out
        script = (tmp_path / name).read_text("utf-8")
        assert "replicates" in script
        assert main(["--print-completion", shell]) == 0
        assert capsys.readouterr().out == f"{script}\n"


def test_bash_completes_commands_and_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    main(["--print-completion", "bash"])
    (tmp_path / "comity").write_text(capsys.readouterr().out, encoding="utf-8")
    ask = (
        "source comity; COMP_WORDS=(comity comp); COMP_CWORD=1; _shtab_comity; echo ${COMPREPLY[@]}; "
        "COMP_WORDS=(comity compare --repl); COMP_CWORD=2; _shtab_comity; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run([bash, "-c", ask], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == ["compare", "--replicates"]


def test_an_unknown_shell_is_one_message(capsys, monkeypatch, tmp_path):
    assert main(["--install-completion", "ksh"]) == INPUT_ERROR
    assert "Choose one of bash, zsh, fish." in capsys.readouterr().err
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["--install-completion", "bash"]) == INPUT_ERROR
    assert "comity --print-completion bash" in capsys.readouterr().err


def test_hooks_are_those_of_make_lint_and_the_citation_names_version_and_licence() -> None:
    config = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (local,) = config["repos"]
    assert local["repo"] == "local", "no hook fetches anything"
    hooks = [hook["entry"] for hook in local["hooks"]]
    lint = re.search(r"^lint:.*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert lint
    assert hooks == lint[1].replace("$(V)", ".venv").split(" && ")
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (str(citation["version"]), citation["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")[:200]
