"""Switches of mechanisms: 1 on, 0 off, to see which conclusions depend on one (catalogue, part I)."""

from dataclasses import dataclass

from sim.world.parameters.declaration import switch


@dataclass
class MechanismParameters:
    """Each mechanism that can be switched off, under its own name."""

    with_hop_chain: float = switch("M10", "who holds the next piece is known only once the last is answered")
    with_queues: float = switch("M6", "files wait for staff")
    with_alert: float = switch("M13", "partial action and leaks alert a group")
    with_return: float = switch("M17", "groups come back after a takedown")
    with_rebound: float = switch("M25", "a quicker channel carries more requests")
    with_silence: float = switch("M3", "some requests are never answered")
    with_leaks: float = switch("M22", "each recipient of information may leak it")
    with_learning: float = switch("M16", "groups learn the risk from what happens to them, their peers and in public")
    with_responsive_entry: float = switch("M16", "entry and exit respond to expected gain")
    with_moving_users: float = switch("M17", "affiliates and users of a group taken down move to rivals")
    with_waves: float = switch("M13", "cases on other groups join an action day of states that they need as well")
    with_trust: float = switch("M19", "trust between agencies is earned, lost and tied to people")
    with_liaison_desks: float = switch("M20", "liaison bodies work through desks of finite staff")
    with_turnover: float = switch("M21", "skill is learnt, decays and leaves with those who leave")
    with_abuse: float = switch("part H", "some requests are abusive or political, some emergencies false")
