"""Tests that no count of simulated work rises by more than a tenth without a stated reason."""

import pytest

from tests.ledger import count
from tests.ledger.count import RISE, Entry

KEY, WHOLE = ("run", "events", "JOB_SERVED"), ("run", "events", "all")


def test_nothing_is_a_tenth_above_the_ledger() -> None:
    """No count is more than a tenth above its value in the ledger."""
    risen = count.rises(count.measured(), count.stored())
    lines = "\n".join(f"{' '.join(key)}: {least:,} → {now:,}" for key, (least, now) in risen.items())
    assert not risen, f"Take it back, or say what it buys: make ledger REASON=…\n{lines}"


def test_what_rose_in_the_ledger_has_a_reason() -> None:
    ledger = count.stored()
    assert set(count.values()) == {"set_1", "set_2", "set_3"}
    assert ledger[WHOLE].total > 1_000_000
    risen = count.rises({key: entry.counts for key, entry in ledger.items()}, ledger)
    assert not risen, "renewed by hand: make ledger REASON=… writes it"


@pytest.fixture
def ledger() -> dict[count.Key, Entry]:
    """A ledger with two counts of one scenario run."""
    return {WHOLE: Entry((10_000,), 10_000, ""), KEY: Entry((1_000,), 1_000, "")}


def test_a_rise_beyond_a_tenth_is_found(ledger: dict[count.Key, Entry]) -> None:
    assert count.rises({KEY: [1_100], WHOLE: [10_100]}, ledger) == {}
    assert count.rises({KEY: [1_101], WHOLE: [10_100]}, ledger) == {KEY: (1_000, 1_101)}
    unknown = ("run", "events", "NEW")
    assert count.rises({unknown: [500]}, ledger) == {unknown: (0, 500)}, "a new kind of event is a rise"
    assert count.rises({unknown: [20]}, ledger) == {}, "what hardly happens is no cost"


def test_small_rises_add_up(ledger: dict[count.Key, Entry]) -> None:
    for total in (1_050, 1_100):
        ledger = count.renewed({KEY: [total], WHOLE: [10_000]}, ledger, "")
    assert ledger[KEY] == Entry((1_100,), 1_000, "")
    assert count.rises({KEY: [1_150], WHOLE: [10_000]}, ledger), "more than a tenth since a reason was given"


def test_a_reason_starts_again(ledger: dict[count.Key, Entry]) -> None:
    ledger = count.renewed({KEY: [1_500], WHOLE: [10_500]}, ledger, "officers answer")
    assert ledger[KEY] == Entry((1_500,), 1_500, "officers answer")
    assert ledger[WHOLE] == Entry((10_500,), 10_000, ""), "it rose by less"
    assert not count.rises({KEY: [1_600], WHOLE: [10_500]}, ledger)
    fallen = count.renewed({KEY: [900], WHOLE: [9_900]}, ledger, "")
    assert fallen[KEY].least == 900, "what was won is kept"
    assert RISE == 1.1
