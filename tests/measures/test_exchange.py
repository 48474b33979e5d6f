"""Requests and takedowns by state, on a few rows counted by hand; income groups by their rule."""

import numpy as np
import pytest

from sim.data.geography import CrimeGeography
from sim.data.load import states
from sim.law.vocabulary import Channel
from sim.measures.exchange import by_state
from sim.measures.income import Income, income_groups
from sim.world.records import RequestStatus, SpellCause
from tests.measures.worlds import END, START, observation, request, spell


def test_by_state():
    requests = [
        request(0, 100),
        request(0, 400),
        request(0, 50, status=RequestStatus.REFUSED),
        request(0),
        request(0, 10, requesting=2, requested=0),
        request(0, 10, channel=Channel.PROVIDER_BINDING, requested=3),
        request(0, 10, requested=0),
        request(END - START - 100, END - START - 90),
    ]
    spells = [spell(0, 1.0, SpellCause.ENTRY), spell(100, 0.0, SpellCause.TAKEDOWN, case=1)]
    cases = [{"state": 0}, {"state": 3}]
    table = by_state(observation(request=requests, spell=spells, case=cases, group=[{"entered": START}]))
    expected = {
        "state": [0, 1, 2, 3],
        "sent": [4, 0, 1, 0],
        "received": [1, 4, 0, 0],
        "answers_got": [3, 0, 1, 0],
        "answers_given": [1, 3, 0, 0],
        "in_time_got": [1, 0, 1, 0],
        "in_time_given": [1, 1, 0, 0],
        "takedowns": [0, 0, 0, 1],
    }
    assert {name: list(values) for name, values in table.items()} == expected


@pytest.mark.parametrize(
    ("state", "group"),
    [
        ("AFG", Income.LOW),
        ("IND", Income.LOWER_MIDDLE),
        ("BRA", Income.UPPER_MIDDLE),
        ("DEU", Income.HIGH),
        ("VAT", Income.HIGH),
    ],
)
def test_income_groups(state, group):
    assert income_groups(CrimeGeography.load())[states().index(state)] == group


def test_every_income_group_has_states():
    assert np.bincount(income_groups(CrimeGeography.load())).min() >= 20
