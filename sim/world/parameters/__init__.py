"""All numbers of the model except law and geography, with unit, range, source and evidence tag.

Hydra addresses a value as `uncertainty.<theme>.<name>`. The compiled rules read the same name from `world.setting`.
They stand in sim/data/parameters.csv, one row each. `WorldSpec` defines what is simulated and when.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, make_dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.data.load import DataError, Row, own_tables, parse_table, read_text
from sim.world.parameters.declaration import COLUMNS, FILE, Declaration, Plausible, Scale, Theme, declared, theme_of


def _rows(name: str) -> tuple[Row, ...]:
    """Rows of a CSV table in the folder of this package."""
    return parse_table(f"sim/world/parameters/{name}", read_text(name, "sim.world.parameters")).rows


_ABOUT = {row["theme"]: row["about"] for row in _rows("themes.csv")}
_OWN = own_tables(FILE, COLUMNS)
#: Parameters of a user's own parts, and the file of each.
OWN: Mapping[str, str] = {row["parameter"]: table.name for table in _OWN for row in table.rows}
for _name, _file in OWN.items():
    _ABOUT.setdefault(_name.partition(".")[0], f"Parameters of {_file}.")
_SHIPPED = parse_table(FILE, read_text(FILE))
_THEMES = {name: theme_of(name, _ABOUT[name], rows) for name, rows in declared(_SHIPPED, _ABOUT, _OWN).items()}
globals().update((kind.__name__, kind) for kind in _THEMES.values())  # see theme_of


@dataclass
class Parameters:
    """All uncertain parameters of the model, in one dataclass per theme."""

    request: Theme = field(default_factory=_THEMES["request"])
    desk: Theme = field(default_factory=_THEMES["desk"])
    evidence: Theme = field(default_factory=_THEMES["evidence"])
    channel: Theme = field(default_factory=_THEMES["channel"])
    case: Theme = field(default_factory=_THEMES["case"])
    criminal: Theme = field(default_factory=_THEMES["criminal"])
    custody: Theme = field(default_factory=_THEMES["custody"])
    risk: Theme = field(default_factory=_THEMES["risk"])
    place: Theme = field(default_factory=_THEMES["place"])
    users: Theme = field(default_factory=_THEMES["users"])
    capacity: Theme = field(default_factory=_THEMES["capacity"])
    security: Theme = field(default_factory=_THEMES["security"])
    liaison: Theme = field(default_factory=_THEMES["liaison"])
    rights: Theme = field(default_factory=_THEMES["rights"])
    trust: Theme = field(default_factory=_THEMES["trust"])
    mechanism: Theme = field(default_factory=_THEMES["mechanism"])
    reform: Theme = field(default_factory=_THEMES["reform"])
    record: Theme = field(default_factory=_THEMES["record"])


if _more := [theme for theme in _THEMES if theme not in Parameters.__dataclass_fields__]:
    _items = [(theme, Theme, field(default_factory=_THEMES[theme])) for theme in _more]
    _wider = make_dataclass("Parameters", _items, bases=(Parameters,))
    _wider.__module__ = __name__  # where pickle finds it
    globals()["Parameters"] = _wider


@dataclass(frozen=True)
class GroupKind:
    """Properties of one kind of criminal group: a row of GROUP_KIND_TABLE."""

    name: str  # in data files and tables
    # among the kinds that are no places to trade or talk, judgement; of those two a parameter has the share, and no
    # weight is read
    weight: float
    # victims' loss caused by a mean group at full capability, USD of 2024 a day; judgement, scaled so that 300 groups
    # cause about 18 bn USD a year (IC3 2024 reports 16.6 bn to the USA alone)
    harm_usd_per_day: float
    domain_share: float  # of its control nodes that depend on a domain, 0–1; judgement
    lives_like: int  # row of the type of the World Cybercrime Index whose home states it shares
    # affiliates or customers of a mean group whose data lie on its servers, persons; judgement: some 200 affiliates of
    # LockBit, 136,000 accounts at one seller of DDoS attacks, 60,000 users of EncroChat
    clients: float
    # its clients are customers, who live where money and users are; else affiliates, who live where it does
    sells: bool
    buys_services: bool  # its work rests in part on a group of technical services (M17)
    works_at_home: bool  # some of its groups are domestic: all of their victims live where they do (M15)


#: The five types of the World Cybercrime Index, DDoS for hire, and the places where criminals trade and talk.
GROUP_KIND_TABLE = (
    GroupKind("technical_services", 0.19, 120_000, 0.2, 0, 100, False, False, False),
    GroupKind("attacks_extortion", 0.24, 250_000, 0.1, 1, 50, False, True, False),
    GroupKind("data_identity_theft", 0.14, 150_000, 0.2, 2, 100, False, True, False),
    GroupKind("scams", 0.19, 200_000, 0.3, 3, 100, False, False, True),
    GroupKind("cashing_out", 0.09, 100_000, 0.1, 4, 50, False, False, True),
    GroupKind("ddos_for_hire", 0.08, 10_000, 0.8, 1, 10_000, True, False, True),
    GroupKind("marketplaces", 0, 100_000, 0.2, 0, 20_000, True, False, True),
    GroupKind("communication_services", 0, 100_000, 0.1, 0, 10_000, True, False, False),
)
#: Their names, in the same order.
GROUP_KINDS = tuple(kind.name for kind in GROUP_KIND_TABLE)


def kind_shares(criminal: Theme) -> list[float]:
    """Share (0–1) of each kind of group among new groups."""
    drawn = {"marketplaces": criminal.marketplace_share, "communication_services": criminal.communication_share}
    rest = (1 - math.fsum(drawn.values())) / math.fsum(kind.weight for kind in GROUP_KIND_TABLE)
    return [drawn.get(kind.name, rest * kind.weight) for kind in GROUP_KIND_TABLE]


@dataclass
class WorldSpec:
    """Specification of a simulated world: states, size and dates.

    Attributes:
        groups: active groups aimed at in the long run (the modellers: about 300), times `criminal.active_groups`.
        start: first day of the burn-in, ISO date.
        policy_start: day on which policies start.
        end: last day of the measured window.
        follow_up_days: days after `end`, to classify takedowns.
        states: ISO codes to which groups, custodians and agencies are confined; empty for all 196.
        infinite_servers: no file ever waits for a person (a limit for tests).
        background: whether other crime loads the desks.
    """

    groups: int = 300
    start: str = "2022-01-01"
    policy_start: str = "2027-01-01"
    end: str = "2036-12-31"
    follow_up_days: int = 180
    states: list[str] = field(default_factory=list)
    infinite_servers: bool = False
    background: bool = True


def active_groups(spec: WorldSpec, parameters: Parameters) -> int:
    """Number of groups that are active at a time in the long run: those of the world, times a ratio that is uncertain.

    It is a ratio so that a small world stays small with every parameter set.
    """
    return max(round(spec.groups * parameters.criminal.active_groups), 1)


#: Capability at or below which a group is down: what `nodes_to_fall` and `core_to_fall` are defined by.
RESIDUAL = 0.1
#: Days between two reviews of a state's people: a quarter.
REVIEW_DAYS = 91.3125
#: Days that a group must stay down for an action to count as a takedown.
TAKEDOWN_DAYS = 180.0

#: Parameters and levers of earlier versions, and what says now what they said.
REPLACED: Mapping[str, str] = {row["name"]: row["instead"] for row in _rows("replaced.csv")}
#: Levers as the kernel reads them, with their neutral values.
LEVER_DEFAULTS: Mapping[str, float] = {row["field"]: float(row["neutral"]) for row in _rows("lever_defaults.csv")}


def declarations() -> Iterator[tuple[str, Field[Any], Declaration]]:
    """Yields the dotted name, dataclass field and declaration of every parameter."""
    for theme in fields(Parameters):
        for item in fields(theme.default_factory):  # type: ignore[arg-type]
            yield f"{theme.name}.{item.name}", item, item.metadata["declaration"]


def value_of(parameters: Parameters, name: str) -> float:
    """Value of a parameter, given its dotted name such as desk.rebound."""
    theme, item = name.split(".")
    return float(getattr(getattr(parameters, theme), item))


def with_values(parameters: Parameters, values: Mapping[str, Any]) -> Parameters:
    """Copy of the parameters with new values for some, given by dotted name."""
    themes: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        theme, item = name.split(".")
        themes.setdefault(theme, {})[item] = value
    changed = {theme: replace(getattr(parameters, theme), **items) for theme, items in themes.items()}
    return replace(parameters, **changed) if changed else parameters


def check(parameters: Parameters) -> None:
    """Raises a ValueError if a parameter is outside its allowed range."""
    for wrong in out_of_range(parameters).values():
        raise ValueError(wrong)


def out_of_range(parameters: Parameters, names: Iterable[str] | None = None) -> dict[str, str]:
    """Error messages on values outside the allowed range, by dotted name of the parameter."""
    faults = {}
    for name in _by_name() if names is None else names:
        value, about = value_of(parameters, name), _by_name()[name]
        if not (math.isfinite(value) and about.low <= value <= about.high):
            faults[name] = (
                f"{name} = {value:g} is outside {about.low:g} to {about.high:g} "
                f"({about.unit}); choose a value in that range"
            )
        elif about.unit == "switch" and value not in (0.0, 1.0):
            faults[name] = f"{name} = {value:g} is neither on nor off; choose 1 or 0"
    return faults


def names() -> Collection[str]:
    """Dotted names of all parameters, such as desk.rebound."""
    return _by_name().keys()


@cache
def _by_name() -> dict[str, Declaration]:
    """Declarations of all parameters by dotted name."""
    return {name: about for name, _item, about in declarations()}


_FIELDS = (
    [
        ("seed", "u8"),
        ("background", "i8"),
        ("policy_start", "f8"),
        ("policy_end", "f8"),
        ("entry_rate", "f8"),
        ("touch_sigma", "f8"),  # standard deviation of the log of touch time
        ("trust_fading", "f8"),  # log of the share of trust that a year leaves
        ("residual_nodes", "f8"),  # power of the share of control nodes left that is left of a group's capability
        ("residual_core", "f8"),  # likewise of its core
        ("leak_step", "f8"),  # leaks of a state, of those of one that is governed a tier better
    ]
    + [(item.name, "f8") for _, item, _ in declarations()]
    + [(name, "f8") for name in LEVER_DEFAULTS]
)
for _name, _file in OWN.items():
    if [name for name, _ in _FIELDS].count(_name.partition(".")[2]) > 1:
        raise DataError(f"{_file}: parameter = {_name!r}: rules know a setting of this name; choose another name")
#: The record that compiled rules read: every parameter and lever under its own name, the seed, and run switches.
SETTING = np.dtype(_FIELDS)


def setting(parameters: Parameters, seed: int) -> npt.NDArray[np.void]:
    """One-row record array of all parameters for compiled rules, with neutral values of all levers."""
    row = np.zeros(1, SETTING)
    row["seed"] = np.uint64(seed)
    for name, item, _ in declarations():
        row[item.name] = value_of(parameters, name)
    for name, value in LEVER_DEFAULTS.items():
        row[name] = value
    complete(row)
    return row


def complete(row: npt.NDArray[np.void]) -> None:
    """Computes the derived numbers of a row of parameters, in place."""
    row["touch_sigma"] = np.sqrt(np.log1p(row["touch_variation"]))
    row["trust_fading"] = np.log(row["trust_kept"])
    row["residual_nodes"] = math.log(RESIDUAL) / np.log(1.0 - row["nodes_to_fall"])
    row["residual_core"] = math.log(RESIDUAL) / np.log(1.0 - row["core_to_fall"])
    row["leak_step"] = np.cbrt(row["leak_corrupt"])  # there are three steps from the best governed tier to the worst
