"""The words of `comity plot` and `comity analyse`; nothing heavy is imported here, so that help comes at once."""

from __future__ import annotations

import argparse
from typing import Any

_PLOT_EPILOG = """\
  comity plot results/STUDY                                        headline outcomes along the first axis
  comity plot results/STUDY --x court.staff --y harm --y takedown_rate --by uncertainty.desk.court_wait_days
  comity plot results/STUDY --heat court.staff central_authority.staff --y turnaround_median
  comity plot results/STUDY --x court.staff --against status_quo    differences, paired by seed
  comity plot results/STUDY --scatter takedown_rate without_criminality_per_year
  comity plot results/STUDY --survival --x court.staff              takedown and turnaround curves by level
"""
_ANALYSE_EPILOG = """\
  comity analyse results/STUDY                                      all that its design allows
  comity analyse results/STUDY --sensitivity --y harm
  comity analyse results/STUDY --discover --interest 'takedown_rate<0.3'
  comity analyse results/STUDY --tradeoff --budget '500 million euros' --require 'harm<100'
"""
#: How shells complete a folder; shtab reads it off the argument.
_FOLDERS = {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}


def add_plot(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity plot`."""
    parser.description = (
        "Draws a study. Figures are written as SVG and PNG into its folder figures/, with the numbers drawn as CSV."
    )
    parser.epilog = _PLOT_EPILOG
    _add_study(parser)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--heat", nargs=2, metavar=("KEY", "KEY"), help="map over two axes, across and up")
    kind.add_argument("--scatter", nargs=2, metavar=("OUTCOME", "OUTCOME"), help="one outcome over another")
    kind.add_argument("--survival", action="store_true", help="takedown and turnaround curves by level of --x")
    parser.add_argument("--x", metavar="KEY", help="axis along which lines are drawn (default: the first)")
    parser.add_argument(
        "--y", action="append", metavar="OUTCOME", help="outcome; again for another (default: headline)"
    )
    parser.add_argument("--by", metavar="KEY", help="a panel for each level of this axis")
    parser.add_argument(
        "--scenario", dest="scenarios", action="append", metavar="KEY", help="only this one; again for another"
    )
    parser.add_argument("--against", metavar="SCENARIO", help="show differences from this scenario, paired by seed")
    words = "show levels of outcomes instead of the paired change from the first level of --x"
    parser.add_argument("--levels", action="store_true", help=words)
    parser.add_argument("--where", action="append", metavar="KEY=VALUE", help="only points with this value")


def add_analyse(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity analyse`."""
    parser.description = (
        "Which parameters matter, where the bad cases lie, and what a budget buys. Writes analysis.md, tables "
        "(analysis/) and figures (figures/) into the study's folder."
    )
    parser.epilog = _ANALYSE_EPILOG
    _add_study(parser)
    _add_part(parser, "sensitivity", "influence of every axis, by what the design allows")
    _add_part(parser, "discover", "where cases of interest lie: PRIM and CART")
    _add_part(parser, "tradeoff", "Pareto front, regret and satisficing of portfolios")
    parser.add_argument("--y", action="append", metavar="OUTCOME", help="outcome of --sensitivity (default: headline)")
    parser.add_argument(
        "--interest", metavar="CONDITION", help="of --discover: OUTCOME for its worst tenth, or 'OUTCOME<NUMBER'"
    )
    parser.add_argument("--budget", metavar="MONEY", help="of --tradeoff, such as '500 million euros'")
    parser.add_argument(
        "--require", action="append", metavar="CONDITION", help="of --tradeoff: what satisfies; again for another"
    )


def _add_part(parser: argparse.ArgumentParser, part: str, words: str) -> None:
    parser.add_argument(f"--{part}", dest="parts", action="append_const", const=part, help=words)


def _add_study(parser: argparse.ArgumentParser) -> None:
    study: Any = parser.add_argument("study", metavar="STUDY", help="folder of the study")
    study.complete = _FOLDERS
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but what was written")
