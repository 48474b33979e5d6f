"""An operation on public record: what is known of it, as data."""

from dataclasses import dataclass
from datetime import date

from sim.data.load import DataError, Row, Table, parse_date, read_table
from sim.law.days import MONTH, to_day

FILE = "operations.csv"
#: Kind of group in the model by target on the record.
KIND_OF_TARGET = {
    "botnet/loader": "technical_services",
    "hosting/bulletproof": "technical_services",
    "ransomware": "attacks_extortion",
    "infostealer": "data_identity_theft",
    "fraud-service": "scams",
    "booter": "ddos_for_hire",
    "marketplace": "marketplaces",
    "encrypted phones": "communication_services",
}


@dataclass(frozen=True)
class RealCase:
    """An operation on public record.

    Attributes:
        key: name on the command line, or id in operations.csv.
        title: a few words.
        kind: kind of group, one of GROUP_KINDS.
        lead: ISO code of the state that led; the first where several did.
        active_since: the group began; None: not on record.
        opened: the investigation began; None: not on record.
        acted: day of the action.
        states: number of states that took part.
        arrests: persons arrested; None: not on record.
        resurgence: none, partial, full, or unknown.
        return_months: months until the group was back; None: not on record, or it was not.
        recalled: fields that were not verified.
        sources: where the facts come from.
        file: the file that they stand in.
    """

    key: str
    title: str
    kind: str
    lead: str
    active_since: date | None
    opened: date | None
    acted: date
    states: int
    arrests: int | None
    resurgence: str
    return_months: float | None
    recalled: tuple[str, ...]
    sources: tuple[str, ...]
    file: str

    @property
    def months(self) -> float | None:
        """Months from the opening of the investigation to the action."""
        return None if self.opened is None else (to_day(self.acted) - to_day(self.opened)) / MONTH

    @property
    def returned(self) -> bool | None:
        """Whether the group was back within two years; None where the record does not say."""
        if self.resurgence == "unknown":
            return None
        if self.resurgence == "none":
            return False
        return None if self.return_months is None else self.return_months <= 24.0

    @property
    def number(self) -> int:
        """A number of its own, from which the model's draws for its group are keyed."""
        return int.from_bytes(self.key.encode()[-7:], "big")

    @property
    def planted(self) -> date | None:
        """Day on which the group enters the world: its own, or that of the investigation where that is not known."""
        days = [day for day in (self.active_since, self.opened) if day is not None]
        return min(days) if days else None


def operations() -> tuple[RealCase, ...]:
    """All operations of the data file, in its order.

    Raises:
        DataError: the file cannot be used.
    """
    table = read_table(FILE)
    return tuple(_operation(table, row) for row in table.rows)


def _operation(table: Table, row: Row) -> RealCase:
    def day(column: str) -> date | None:
        """A day on record, None where none is."""
        return parse_date(row[column], table.name, f"{row['id']}: {column}") if row[column] else None

    acted = day("action_date")
    if acted is None:
        raise DataError(f"{table.name}: {row['id']}: action_date is blank")
    return RealCase(
        key=row["id"],
        title=row["name"],
        kind=KIND_OF_TARGET[row["target_type"]],
        lead=row["lead"].split(";")[0],
        active_since=day("activity_start"),
        opened=day("investigation_start"),
        acted=acted,
        states=int(table.number(row, "n_countries")),
        arrests=int(table.number(row, "arrests")) if row["arrests"] else None,
        resurgence=row["resurgence"],
        return_months=table.number(row, "months_to_resurgence") if row["months_to_resurgence"] else None,
        recalled=tuple(row["recalled_fields"].split(";")) if row["recalled_fields"] else (),
        sources=(row["source"],),
        file=f"sim/data/{table.name}",
    )
