"""Makes the table of posts and persons that each policy adds, without simulation: `python -m docs.programs.doses`."""

import pandas as pd

from docs.programs import renew, table_of
from sim.policy.listing import dose_of, euros_of, states_of
from sim.policy.places import load_atlas
from sim.policy.scenario import catalogue, load
from sim.policy.spending import Price

COMMAND, NAME = "python -m docs.programs.doses", "doses"
#: Columns of persons by the lever that adds them; what else is counted is under bodies.
COLUMNS = {
    "central_authority.staff": "authorities",
    "court.staff": "courts",
    "forensic.staff": "laboratories",
    "agency.investigators": "investigators",
    "provider.staff": "providers",
    "contact_point.staff": "24/7 points",
}
BODIES, POSTS, ALL, STATES, EUROS = "bodies", "posts abroad", "persons", "states", "M€"


def rows() -> pd.DataFrame:
    """Table with a row per policy: persons by kind, posts abroad, states, and millions of euros."""
    return pd.DataFrame([row_of(key) for key in catalogue()]).fillna(0.0)


def row_of(key: str) -> dict[str, object]:
    """Table row of one policy once all its changes are in effect."""
    scenario = load(key)
    row = dict.fromkeys([*COLUMNS.values(), BODIES, ALL, POSTS], 0.0)
    for dose in dose_of(scenario).values():
        if dose.unit == "posts":
            row[POSTS] += dose.added
        else:
            row[COLUMNS.get(dose.lever, BODIES)] += dose.added
            row[ALL] += dose.added
    euros, unpriced = euros_of(scenario)
    millions = euros[Price.CENTRAL] / 1e6
    return {"policy": key, **row, STATES: states_of(scenario), EUROS: millions, "without a price": len(unpriced)}


def shown(table: pd.DataFrame) -> str:
    """Markdown of the table, with whole persons and a plus or minus sign."""

    def person(value: float) -> str:
        return f"{value:+,.0f}".replace("-", "−") if round(value) else ""

    cells = table.copy()
    for name in [*COLUMNS.values(), BODIES, ALL, POSTS]:
        cells[name] = table[name].map(person)
    cells[EUROS] = table[EUROS].map(lambda euros: f"{float(f'{euros:.2g}'):,.0f}" if euros else "")
    cells["without a price"] = table["without a price"].map(lambda number: number or "")
    cells["policy"] = [f"`{key}`" for key in table["policy"]]
    return table_of(cells, range(1, len(cells.columns)))


def main() -> None:
    """Updates the table in docs/doses.md."""
    renew(NAME, {"table": shown(rows()), "states": f"The world has {len(load_atlas().states)} states."}, COMMAND)


if __name__ == "__main__":
    main()
