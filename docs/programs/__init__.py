"""Programs that write pages of docs/: `python -m docs.programs.NAME` from the folder of the project."""

from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
