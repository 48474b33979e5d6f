"""Rebuilds languages.csv: official languages of each state from CLDR, through Babel.

Run with `python -m sim.data.make_languages` where the development dependencies are installed.
"""

import csv
from pathlib import Path

from sim.data.spreadsheet import write_rows

HERE = Path(__file__).parent


def main() -> None:
    """Writes languages.csv beside this file, one row per state and language."""
    import babel
    from babel.languages import get_official_languages

    source = f"Unicode CLDR through Babel {babel.__version__} (official and de facto, not regional)"
    with (HERE / "countries.csv").open(encoding="utf-8", newline="") as file:
        states = [(row["iso3"], row["iso2"]) for row in csv.DictReader(file)]
    rows = [("iso3", "language", "source", "status")]
    for iso3, iso2 in states:
        found = get_official_languages(iso2, regional=False, de_facto=True)
        rows += [(iso3, language, source, "verified") for language in sorted({code.split("_")[0] for code in found})]
    write_rows(rows, HERE / "languages.csv")


if __name__ == "__main__":
    main()
