"""Writes docs/odd.md: `make docs`, or `python -m sim.report.odd` in the checkout."""

import sys

from sim.report.odd.page import PAGE, render

if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")
