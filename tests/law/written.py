"""Amendments as cases in YAML write them."""

from collections.abc import Callable
from typing import Any

from sim.law.amendments import (
    AdoptOffences,
    Amendment,
    BringIntoForce,
    CloseChannels,
    Conclude,
    GrantPowers,
    Join,
    RemoveDataConflict,
)
from sim.law.vocabulary import Channel, DataKind, Offence

KINDS: dict[str, Callable[..., Amendment]] = {
    "adopt_offences": AdoptOffences,
    "bring_into_force": BringIntoForce,
    "close_channels": CloseChannels,
    "conclude": Conclude,
    "grant_powers": GrantPowers,
    "join": Join,
    "remove_data_conflict": RemoveDataConflict,
}
VALUES: dict[str, Callable[[Any], Any]] = {
    "channels": lambda written: {"all": tuple(Channel)}[written],
    "data_kinds": lambda written: tuple(DataKind[name.upper()] for name in written),
    "offences": lambda written: tuple(Offence[name.upper()] for name in written),
    "pairs": lambda written: tuple((a, b) for a, b in written),
} | dict.fromkeys(("requested", "requesting", "states"), tuple)


def amendments_of(case: dict[str, Any]) -> tuple[Amendment, ...]:
    return tuple(
        KINDS[kind](**{name: VALUES[name](value) if name in VALUES else value for name, value in entry.items()})
        for item in case.get("amendments", ())
        for kind, entry in item.items()
    )
