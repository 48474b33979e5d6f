"""A small compiled entry point for tests, which calls a rule of trust."""

from sim.agents.assistance.trust import trust_value
from sim.engine.compiling import Record, kernel


@kernel
def asked(setting: Record) -> float:
    """Trust of a state without experience, at an affinity of 0.5."""
    return trust_value(setting[0], 0.5, 0.0, 0.0)
