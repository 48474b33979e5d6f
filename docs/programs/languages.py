"""Rebuilds sim/data/languages.csv, the official languages of states, from CLDR: `python -m docs.programs.languages`."""

import babel
from babel.languages import get_official_languages

from docs.programs import DATA
from sim.data.load import read_table
from sim.data.spreadsheet import write_rows

if __name__ == "__main__":
    source = f"Unicode CLDR through Babel {babel.__version__} (official and de facto, not regional)"
    rows = [("iso3", "language", "source", "status")]
    for state in read_table("countries.csv").rows:
        lines = get_official_languages(state["iso2"], regional=False, de_facto=True)
        languages = sorted({code.split("_")[0] for code in lines})
        rows += [(state["iso3"], language, source, "verified") for language in languages]
    write_rows(rows, DATA / "languages.csv")
