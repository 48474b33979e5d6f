"""How far law has come: as many states as were counted, what was read stands, and nobody loses what it had."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sim.data.load import read_table
from sim.law.days import NEVER, to_day
from sim.law.extent import NUMBERS, ROWS, UNREAD, Extent, Reach, Read
from sim.law.order import LegalOrder
from sim.law.vocabulary import DataKind

ALL = np.ones(6, np.bool_)
KOREA = date(2025, 12, 12)


def reach(**changes: object) -> Reach:
    """Six states and two steps, on days 0 and 10.

    The first is a Party from day 5 and has all; the second was read to have all from day 7, the third nothing; of the
    others the later ones come first.
    """
    read = Read(np.array([UNREAD, 2, 0, UNREAD, UNREAD, UNREAD]), np.array([NEVER, 7.0, NEVER, NEVER, NEVER, NEVER]))
    usual = Reach(
        steps=np.array([0.0, 10.0]),
        days=np.array([-np.inf, 5.0, 7.0, 10.0]),
        entry=np.array([5.0, *(NEVER,) * 5]),
        offences=read,
        powers=read,
        odds=np.tile(np.array([-9.0, 0, 0, 0, 9, 18]), (3, 1)),
        targets=tuple((((ALL, float(few)),), ((ALL, float(many)),)) for few, many in ((1, 4), (2, 5), (0, 3))),  # type: ignore[arg-type]
        party_offences=ALL,
        party_powers=np.ones(6),
        partial=np.ones(6),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_each_step_has_its_number_and_powers_in_full_bring_offences_in_full() -> None:
    """Offences in full 1 and 4, some 2 and 5, powers in full 0 and 3, with the Party and what was read."""
    offences, powers, as_party = reach().drawn(np.full((6, NUMBERS), 0.5))
    assert offences.tolist() == [[0, 1, 0, 0, 0, 2], [0, 1, 0, 0, 0, 2], [0, 2, 0, 0, 0, 2], [0, 2, 0, 1, 2, 2]]
    assert powers.tolist() == [[0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1], [0, 2, 0, 0, 0, 1], [0, 2, 0, 1, 1, 2]]
    assert (as_party == Extent.FULL).all()
    # Four powers on day 10: the last two states; without a Party in full a third one, but never the third.
    lacking = reach(party_powers=np.zeros(6))
    targets = (*lacking.targets[:2], (((ALL, 0.0),), ((ALL, 4.0),)))
    offences, powers, as_party = replace(lacking, targets=targets).drawn(np.full((6, NUMBERS), 0.5))
    assert (as_party == Extent.PARTIAL).all()
    assert powers[-1].tolist() == [0, 2, 0, 2, 2, 2]
    assert (offences[powers == Extent.FULL] == Extent.FULL).all()


@pytest.mark.parametrize("draw", range(4))
def test_a_drawn_world_has_as_many_states_as_were_counted(order: LegalOrder, draw: int) -> None:
    """Within five on each date; the count of 2018, which is recalled and of little confidence, within ten."""
    drawn = order.drawn(draw)
    for row in read_table("law_counts.csv").rows:
        if row["region"] == "World" and row["measure"] == "powers":
            found = drawn.national(date.fromisoformat(row["date"])).power[:, DataKind.PRESERVATION].sum()
            assert abs(int(found) - int(row["states"])) <= 5, row["date"]
    reach, number = order.reading.reach, np.random.default_rng(draw).uniform(size=(len(order.states), NUMBERS))
    offences, powers, _ = reach.drawn(number)
    assert (offences[powers == Extent.FULL] == Extent.FULL).all()
    assert (np.diff(offences, axis=0) >= 0).all() and (np.diff(powers, axis=0) >= 0).all()
    for row in read_table("law_counts.csv").rows:
        if row["region"] == "World" and row["measure"] == "offences":
            day = to_day(date.fromisoformat(row["date"]))
            own = offences[np.searchsorted(reach.days, day, side="right") - 1] == Extent.FULL
            found = (own | ((reach.entry <= day) & reach.party_offences)).sum()
            assert abs(int(found) - int(row["states"])) <= (10 if day < to_day(date(2019, 1, 1)) else 5), row["date"]


def test_a_state_that_nobody_read_has_powers_in_part_as_often_as_those_read_without_powers_in_full(order):
    read = {row["iso3"]: row["powers"] for row in read_table(ROWS).rows}
    lacking = [powers for powers in read.values() if powers != "yes"]
    unread = [place for place, state in enumerate(order.states) if state not in read]
    expected = (lacking.count("partial") + 0.5) / (len(lacking) + 1)
    np.testing.assert_allclose(order.reading.reach.partial[unread], expected)
    assert 0.1 < expected < 0.9


def test_what_was_read_stands_from_its_day(order: LegalOrder) -> None:
    """Korea had no power to preserve before its day, Tanzania has had it for long."""
    korea, tanzania = order.index("KOR"), order.index("TZA")
    for draw in (None, 1, 2):
        law = order if draw is None else order.drawn(draw)
        before, after = (
            law.national(day).power[:, DataKind.PRESERVATION] for day in (KOREA - timedelta(days=1), KOREA)
        )
        assert (before[korea], after[korea], after[tanzania]) == (0, 1, 1)
        assert KOREA in law.change_dates(date(2025, 12, 1), date(2026, 1, 1))
