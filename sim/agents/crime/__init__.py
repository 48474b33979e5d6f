"""Criminal groups: choice of states, perceived risk of sanctions, entry, return and exit (M13, M15–M17).

Below the other two packages: crime knows neither requests nor cases, but for the cases that a move shakes off.
"""

from sim.agents.crime.criminals import (
    DDOS_FOR_HIRE,
    LEAST_MEMBERS,
    LEAST_NODES,
    TECHNICAL_SERVICES,
    establish_group,
    exit_by_itself,
    found_group,
    schedule_arrival,
    schedule_report,
    settle_reserve,
)
from sim.agents.crime.place import acceptance, alert, is_at_home, lose_node, money_state, victims_state
from sim.agents.crime.resurgence import (
    break_core,
    core_lost,
    cut_off_buyers,
    is_down,
    lastingness,
    members_held,
    residual,
    return_terms,
    take_down,
    type_of_takedown,
    weaken,
)
from sim.agents.crime.risk import learn_from_action, learn_from_arrest, leaves, spread_news

__all__ = [
    "DDOS_FOR_HIRE",
    "LEAST_MEMBERS",
    "LEAST_NODES",
    "TECHNICAL_SERVICES",
    "acceptance",
    "alert",
    "break_core",
    "core_lost",
    "cut_off_buyers",
    "establish_group",
    "exit_by_itself",
    "found_group",
    "is_at_home",
    "is_down",
    "lastingness",
    "learn_from_action",
    "learn_from_arrest",
    "leaves",
    "lose_node",
    "members_held",
    "money_state",
    "residual",
    "return_terms",
    "schedule_arrival",
    "schedule_report",
    "settle_reserve",
    "spread_news",
    "take_down",
    "type_of_takedown",
    "victims_state",
    "weaken",
]
