"""Tests of the table of officers: rising shares, hours that add up, and the cost of ordinary requests."""

from docs.programs import officers
from docs.programs.officers import FILLED, OVER, RULES, SHARE, TIMES


def made_up(shares: tuple[float, ...], over: float = 0.0, alone: float = 0.02) -> dict[str, float]:
    """Made-up figures of a parameter set: shares by number of posts, and excess hours."""
    found = {f"as drawn, {times:g}, {SHARE}": share for times, share in zip(TIMES, shares, strict=True)}
    found |= {f"as drawn, {times:g}, {FILLED}": 0.5 for times in TIMES} | {f"as drawn, 1, {OVER}": over}
    return found | {f"{rule}, 1, {SHARE}": alone if rule == "alone" else 0.03 for rule in RULES if rule != "as drawn"}


def test_a_set_that_falls_or_has_hours_too_many_is_not_counted() -> None:
    good, falls = made_up((0.0, 0.1, 0.2, 0.3)), made_up((0.0, 0.2, 0.1, 0.3))
    late, taken = made_up((0.0, 0.1, 0.2, 0.3), over=2.0), made_up((0.0, 0.1, 0.2, 0.3), alone=0.05)
    rows = officers.rows({"good": good, "falls": falls, "late": late})
    assert [row["rises"] for row in rows] == ["yes", "no", "yes"]
    assert [row["hours"] for row in rows] == ["add up", "add up", "2 over"]
    words = officers.summary({"good": good, "falls": falls, "late": late, "taken": taken})
    assert words.startswith("Hours add up in 3 of 4 sets") and "rises with posts in 3." in words
    assert "fewer in 1 sets" in words
