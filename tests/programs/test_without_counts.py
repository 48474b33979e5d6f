"""Tests that reports' statements on sets fitted without counts agree with stored differences."""

from docs.programs.without_counts import SHOWN, TARGET, made
from sim.measures.outcomes import OUTCOMES


def test_the_packaged_table_is_what_the_program_makes_of_the_stored_differences() -> None:
    assert TARGET.read_text("utf-8") == made()
    assert len(made().splitlines()) == 1 + 6 * len(SHOWN)
    assert set(SHOWN) <= {about.key for about in OUTCOMES}
