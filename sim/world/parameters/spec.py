"""What is simulated and when."""

from dataclasses import dataclass, field


@dataclass
class WorldSpec:
    """What is simulated and when.

    Attributes:
        groups: active groups aimed at in the long run (the modellers: about 300).
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
