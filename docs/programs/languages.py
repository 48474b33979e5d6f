"""Rebuilds sim/data/languages.csv, official languages of states from CLDR: `python -m docs.programs.languages`."""

import csv
from pathlib import Path

import babel
from babel.languages import get_official_languages

from sim.data.spreadsheet import write_rows

DATA = Path(__file__).parents[2] / "sim" / "data"


def main() -> None:
    """Writes languages.csv one row per state and language."""
    source = f"Unicode CLDR through Babel {babel.__version__} (official and de facto, not regional)"
    with (DATA / "countries.csv").open(encoding="utf-8", newline="") as file:
        states = [(row["iso3"], row["iso2"]) for row in csv.DictReader(file)]
    rows = [("iso3", "language", "source", "status")]
    for iso3, iso2 in states:
        found = get_official_languages(iso2, regional=False, de_facto=True)
        rows += [(iso3, language, source, "verified") for language in sorted({code.split("_")[0] for code in found})]
    write_rows(rows, DATA / "languages.csv")


if __name__ == "__main__":
    main()
