"""A small entry point that reaches a rule of trust."""

from sim.agents.assistance.trust import trust_value
from sim.engine.compiling import Record, kernel


@kernel
def asked(setting: Record) -> float:
    """Trust without any experience, where affinity is a half."""
    return trust_value(setting[0], 0.5, 0.0, 0.0)
