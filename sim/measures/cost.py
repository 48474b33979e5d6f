"""Measures of cost (M24): money that a policy commits, and the cost of work on requests and cases.

The two are kept apart. A policy that pays for people and systems spends the same at any workload, but that posts abroad
are paid only as far as they are filled in the run. More requests cost courts, laboratories and providers more hours
even where nobody decided to spend anything. Central authorities' hours are left out of the second, overtime aside:
they are salaried, so more work there shows as longer waits, and more people as spending. A deadline that binds costs
overtime, and money for each file that misses it.
"""

import numpy as np

from sim.data.costs import HOURS_A_YEAR, Payer, wage_level
from sim.law.days import YEAR
from sim.measures.arrays import Floats, Table, among, select
from sim.measures.cases import NEVER_OPENED
from sim.measures.harm import DISCOUNT
from sim.measures.history import Window
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import DeskKind

_MILLION = 1e6
#: Days from which there are so many, and how many.
Step = tuple[Floats, Floats]


def _factor(window: Window, day: Floats) -> Floats:
    """Discount factor from a day to the start of the measured period."""
    return np.asarray(np.exp((window.start - day) * (np.log1p(DISCOUNT) / YEAR)))  # faster than a power


def _between(window: Window, start: Floats, until: Floats) -> Floats:
    """Discounted years between two days within the measured period."""
    rate = np.log1p(DISCOUNT)
    first, last = ((np.clip(day, window.start, window.end) - window.start) / YEAR for day in (start, until))
    return np.asarray((np.exp(-rate * first) - np.exp(-rate * last)) / rate)


def present_value(ledger: Table, window: Window) -> Floats:
    """Discounted euros that each row of a policy's ledger commits in the measured period, f8[rows]."""
    inside = window.holds(ledger["start"])
    paid_once = np.where(inside, ledger["once"] * _factor(window, ledger["start"]), 0.0)
    return np.asarray(paid_once + ledger["a_year"] * _between(window, ledger["start"], ledger["until"]))


def filled_posts(observation: Observation, state: int) -> Step:
    """Change in a state's number of officers abroad since the policy's start, as a step function of days.

    Those whom a policy posts in pairs that it names are left out: they are there, and paid, in any case.
    """
    posting, window = observation.tables["posting"], observation.window
    own = posting[(posting["sending"] == state) & (posting["by_policy"] == 0)]
    until = np.where(np.isnan(own["until"]), np.inf, own["until"])
    own, until = own[until > own["since"]], until[until > own["since"]]  # called back before they began
    days = np.unique(np.clip(np.concatenate(([window.start], own["since"], until)), window.start, window.end))
    there = [int(np.count_nonzero((own["since"] <= day) & (day < until))) for day in days]
    return days, np.array(there, np.float64) - there[0]


def _paid_posts(observation: Observation) -> Floats:
    """Discounted euros for filled liaison posts, f8[rows of posts].

    A state pays for officers beyond those it had at the policy's start, up to the posts that the policy adds; where it
    cuts posts, it saves those of them that were filled. Rows of one state share what it pays by their posts.
    """
    rows, window = observation.spending[observation.spending["posts"] != 0.0], observation.window
    euros = np.zeros(rows.size)
    for state in np.unique(rows["state"]):
        mine = np.flatnonzero(rows["state"] == state)
        row = rows[mine]
        changes, more = filled_posts(observation, int(state))
        days = np.unique(np.concatenate((changes, row["start"][window.holds(row["start"])])))
        funded = np.where(row["start"] <= days[:, np.newaxis], row["posts"], 0.0)  # [days, rows]
        total = funded.sum(axis=1)
        filled = np.clip(
            more[np.searchsorted(changes, days, side="right") - 1], np.minimum(total, 0.0), np.maximum(total, 0.0)
        )
        share = np.divide(filled, total, out=np.zeros_like(total), where=total != 0.0)
        years = _between(window, days, np.append(days[1:], window.end))
        euros[mine] = (row["a_year"] / row["posts"]) * (funded * (share * years)[:, np.newaxis]).sum(axis=0)
    return euros


@once
def _committed(observation: Observation) -> Floats:
    """Discounted euros that the policy commits, f8[payers, 1 + states]; column 0 is shared by all states."""
    ledger, states = observation.spending, 1 + observation.states
    euros = present_value(ledger, observation.window)
    euros[ledger["posts"] != 0.0] = _paid_posts(observation)
    paid = np.bincount(ledger["payer"] * states + 1 + ledger["state"], euros, len(Payer) * states)
    return paid.reshape(len(Payer), states)


@once
def _worked(observation: Observation) -> Floats:
    """Discounted euros for hours of work on requests and cases, f8[payers, states]."""
    euros = np.zeros((len(Payer), observation.states))
    job, window, wages = observation.jobs, observation.window, wage_level()
    desk = observation.tables["desk"]
    within = np.flatnonzero(window.holds(job["started"]))
    hours = np.zeros(job["started"].size)
    hours[within] = job["touch_hours"][within] * _factor(window, job["started"][within])
    pay = observation.by_desk(hours) * wages[desk["state"]] / HOURS_A_YEAR
    for kind in DeskKind:
        if kind.row.wage and not kind.row.salaried:
            rows = desk["kind"] == kind
            paid = pay[rows] * observation.prices[kind.row.wage]
            euros[kind.row.payer] += np.bincount(desk["state"][rows], paid, observation.states)
    case = select(observation.cases, ~among(observation.cases["status"], NEVER_OPENED))
    until = np.where(np.isnan(case["closed"]), window.end, case["closed"])
    years = _between(window, case["opened"], until) * wages[case["state"]]
    investigators = observation.prices["investigators_per_case"] * observation.prices["staff_investigator"]
    euros[Payer.INVESTIGATOR] = np.bincount(case["state"], years * investigators, observation.states)
    return euros


@once
def _deadlines(observation: Observation) -> Floats:
    """Discounted euros for overtime and for missed deadlines whose breach has a cost, f8[payers, states].

    Desks count over the whole run without dates, so that the sums are discounted as if spread evenly over the window.
    """
    euros, window = np.zeros((len(Payer), observation.states)), observation.window
    desk, wages = observation.tables["desk"], wage_level()
    if "breaches" not in (desk.dtype.names or ()):
        return euros
    overtime, breach = observation.prices["overtime"], observation.prices["breach"]
    for kind in DeskKind:
        if kind.row.wage:
            rows = desk["kind"] == kind
            pay = observation.prices[kind.row.wage] / HOURS_A_YEAR * overtime
            hours, late, state = (desk[field][rows] for field in ("overtime_hours", "breaches", "state"))
            paid = wages[state] * (hours * pay + late * breach)
            euros[kind.row.payer] += np.bincount(state, paid, observation.states)
    start, end = np.array([window.start]), np.array([window.end])
    return np.asarray(euros * _between(window, start, end) * YEAR / (window.end - window.start))


def _handled(observation: Observation) -> Floats:
    """Discounted euros for handling requests and cases, overtime and missed deadlines, f8[payers, states]."""
    return _worked(observation) + _deadlines(observation)


def by_state(observation: Observation) -> tuple[Floats, Floats]:
    """Returns discounted cost of the policy and of handling work, in millions of euros, f8[1 + states] each.

    The first of each is what no single state pays: members of liaison bodies together, and amounts that a scenario
    names itself.
    """
    worked = np.concatenate(([0.0], _handled(observation).sum(axis=0)))
    return _committed(observation).sum(axis=0) / _MILLION, worked / _MILLION


MEASURES: Measures = {
    "policy_cost": lambda seen: float(_committed(seen).sum() / _MILLION),
    "handling_cost": lambda seen: float(_handled(seen).sum() / _MILLION),
}
