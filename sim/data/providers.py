"""Published figures on providers' answers to direct requests, and states with a single point of contact.

Rules where the data say nothing:

* hosts and access providers are strict: of the providers that SIRIUS asked in 2020, 53 % were barred from answering
  foreign authorities or unwilling to. Those of a State with a blocking statute never answer.
* which States a provider answers is drawn for each run (sim/agents/assistance/answering.py).
* a State asks through a single point of contact if it is a member of Europol, whose SIRIUS project set up such points
  and joins them (judgement: which ones work is not published).
* a State whose requests Google did not count in 2021, or that could not ask directly, sends as many in a half-year as
  States of its users and rule of law do where direct requests are allowed: exp(1.25 + 3.75 × rule of law) × (million
  users)^0.825, fitted to the others. How requests grew after 2021 is drawn for each world
  (sim/agents/assistance/orders.py).
* other large providers get as many for each to Google as they counted; where nobody read it, as their shares of
  evidence are (provider_weights.csv). Apple's come from the States that it counted, those of the others by halves as
  Google's and Apple's do: no other counts all States. A State that Apple did not count has Google's part.
"""

from datetime import date
from math import fsum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.load import DataError, Row, Table, members, read_table, states

Float = npt.NDArray[np.float64]

#: How a provider answers authorities abroad that ask it directly: names of ProviderPolicy in lower case.
_ANSWERS = ("gate", "graded", "strict", "never")
_FILE, _STATES = "provider_answers.csv", "provider_states.csv"
_COUNTED, _SEAT = "Google", "USA"  # the provider whose requests by state are read; those from its own state stay there
_SECOND = "Apple"  # the other one
_MONTHS_COUNTED = 12.0  # of 2021
_ASSISTED_GROWTH = 0.10  # log a year: a line through six half-years, with a standard error of 0.13
ASSISTING = ("USA", "IRL")  # states through which requests to Google come


class ProviderAnswers(NamedTuple):
    """Figures on a provider's answers to direct requests: policy, first day, and days to an answer."""

    policy: str  # gate, graded, strict or never
    since: float  # ordinal of the day from which it answers at all, −inf: always
    days: float  # published median days to an answer, NaN: none


def answers_of_major(provider: str) -> ProviderAnswers:
    """Published figures on a large provider's answers to direct requests."""
    table = read_table(_FILE)
    for row in table.rows:
        if row["provider"] == provider:
            if row["answers"] not in _ANSWERS:
                raise DataError(f"{_FILE}: {provider}: answers = {row['answers']!r} is none of {', '.join(_ANSWERS)}")
            return ProviderAnswers(row["answers"], _day(table, row), table.number(row, "days", np.nan))
    raise DataError(f"provider_weights.csv: provider = {provider!r} has no row in {_FILE}")


def answers_of_others(state: str) -> ProviderAnswers:
    """Figures on answers to direct requests by small hosts and access providers in a state."""
    blocking = {row["iso3"] for row in read_table("data_protection.csv").rows if row["rule"] == "blocking"}
    return ProviderAnswers("never" if state in blocking else "strict", -np.inf, np.nan)


def _day(table: Table, row: Row) -> float:
    """Day, as an ordinal, from which a row is valid; a blank cell means always."""
    since: date | None = table.day(row, "since")
    return -np.inf if since is None else float(since.toordinal())


def read_of_states(providers: list[str]) -> tuple[Float, Float]:
    """Returns published first days and shares of providers' answers to states, float64 [provider, state].

    Ordinal of the day since which a provider answers a state, −inf: always, +inf: not at the end of 2021; and the share
    of requests that it answers.
    """
    table, place = read_table(_STATES), {state: index for index, state in enumerate(states())}
    since, share = np.full((2, len(providers), len(place)), np.nan)
    for row in table.rows:
        if row["provider"] in providers:
            at = providers.index(row["provider"]), place[row["state"]]
            since[at] = np.inf if row["door"] == "shut" else _day(table, row)
            share[at] = table.number(row, "share", np.nan)
    return since, share


class OrdinaryRequests(NamedTuple):
    """Ordinary requests per month from each state to providers abroad in 2021."""

    direct: Float  # [state] requests where all direct requests are allowed
    preservation: Float  # [state] requests to keep data
    emergency: Float  # [state] requests in an emergency
    emergency_share: Float  # [state] of these, share that brings data
    assisted: Float  # [assisting, state] requests through each of ASSISTING


def ordinary_requests(users: Float, rule_of_law: Float, majors_share: float) -> OrdinaryRequests:
    """Estimates monthly ordinary requests of each state to providers abroad in 2021.

    They follow users of the internet, persons, and rule of law, 0–1, both float64 [state]; a share of all goes to large
    providers.
    """
    preservation, _ = counted_requests("preservation")
    emergency, answered = counted_requests("emergency")
    usual = answered.sum() / emergency.sum()
    share = np.divide(answered, emergency, out=np.full(len(emergency), usual), where=emergency > 0.0)
    direct = at_all(_direct_of_2021(users, rule_of_law), "direct") / max(majors_share, 0.01)
    kept, urgent = at_all(preservation, "preservation"), at_all(emergency, "emergency")
    month = 1.0 / _MONTHS_COUNTED
    assisted = _assisted() / ordinary_parts()[_COUNTED]
    return OrdinaryRequests(direct * month, kept * month, urgent * month, share, assisted)


def at_all(asked: Float, kind: str) -> Float:
    """Estimates yearly requests of a kind to all large providers, float64 [state], from those to Google and Apple."""
    parts, (seconds, _) = ordinary_parts(), counted_requests(kind, _SECOND)
    seconds[states().index(_SEAT)] = 0.0
    counted, first = seconds > 0.0, asked / asked.sum()
    second = np.where(counted, seconds / seconds.sum() * first[counted].sum(), first)
    others = 0.5 * (1.0 - parts[_COUNTED] - parts[_SECOND])
    whole: Float = (parts[_COUNTED] + others) * first + (parts[_SECOND] + others) * second
    return whole * asked.sum() / parts[_COUNTED]


def ordinary_parts() -> dict[str, float]:
    """Share of each large provider in ordinary requests to all large providers, by name."""
    table = read_table("provider_weights.csv")
    shares = {str(row["provider"]): table.number(row, "share") for row in table.rows}
    counted = [
        table.number(row, "ordinary", share / shares[_COUNTED])
        for row, share in zip(table.rows, shares.values(), strict=True)
    ]
    return dict(zip(shares, np.array(counted) / fsum(counted), strict=True))


def counted_requests(kind: str, provider: str = _COUNTED, since: str = "2021") -> tuple[Float, Float]:
    """Returns the requests that a provider counted, and how many yielded data, float64 [state] each.

    A kind is direct, emergency or preservation, a provider Google or Apple; `since` is the first year that is taken.
    """
    table, place = read_table("provider_requests.csv"), {state: index for index, state in enumerate(states())}
    number, answered = np.zeros((2, len(place)))
    for row in table.rows:
        if row["provider"] == provider and row["kind"] == kind and row["period_end"] >= since:
            requests = table.number(row, "requests")
            number[place[row["state"]]] += requests
            answered[place[row["state"]]] += requests * table.number(row, "share", 0.0)
    return number, answered


def _assisted() -> Float:
    """Monthly requests to Google in 2021 sent by one state for another, float64 [assisting, state].

    States ask so a few times a year, so all that is published, 2019 to 2021, is taken; its middle is that of 2020.
    """
    table, place = read_table("provider_assistance.csv"), {state: index for index, state in enumerate(states())}
    number = np.zeros((len(ASSISTING), len(place)))
    for row in table.rows:
        number[ASSISTING.index(row["assisting"]), place[row["requesting"]]] += table.number(row, "requests")
    grown: Float = number / 36.0 * np.exp(_ASSISTED_GROWTH)
    return grown


def _direct_of_2021(users: Float, rule_of_law: Float) -> Float:
    """Direct requests to Google in 2021, float64 [state]; estimated where Google gave no answers."""
    half_year: Float = np.exp(1.25 + 3.75 * rule_of_law) * (users / 1e6) ** 0.825
    counted, place = 2.0 * half_year, {state: index for index, state in enumerate(states())}
    table = read_table(_STATES)
    for row in table.rows:
        abroad = row["provider"] == _COUNTED and row["state"] != _SEAT
        if abroad and row["door"] == "open" and users[place[row["state"]]] > 0.0:
            counted[place[row["state"]]] = table.number(row, "requests")
    return counted


def single_points() -> npt.NDArray[np.bool_]:
    """True for each state with one office for all requests to providers, bool [state]."""
    return np.isin(states(), list(members("Europol", "member")))
