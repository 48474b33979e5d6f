"""Posts and upkeep of skill, inverted so that without policy people and skill stay about where they are (M21).

Nobody publishes how much training an authority gives itself. Skill by quality of government is judgement; what keeps
it there against forgetting and turnover is solved for: at the fixed point of

    q·(K − K₀) + K·ln 2 ÷ t½ = upkeep·(1 − K) + b·ln(files + 1)

where a share q of people is replaced by new hires of skill K₀ a year. A post is empty for the time that hiring takes,
so that there are (1 + q · time) posts for each person at work.
"""

import math

import numpy as np
import numpy.typing as npt

from sim.law.days import YEAR
from sim.world.parameters import REVIEW_DAYS, Theme
from sim.world.records import UNIT, UnitKind
from sim.world.world import Table

Float = npt.NDArray[np.float64]


def vacancies_per_person(capacity: Theme) -> float:
    """Empty posts for each person at work in the long run: how many leave while one is looked for."""
    reviews = YEAR / REVIEW_DAYS
    leaving_per_year = reviews * (1.0 - math.exp(-capacity.leaving / reviews))
    return leaving_per_year * capacity.hiring_months / 12.0 * math.exp(0.5 * capacity.hiring_sigma**2)


def upkeep(setting: np.void, skill: Float, files: Float) -> Float:
    """Gap to full skill that today's training and guidance must close a year for skill to stay, float64 [unit].

    Args:
        setting: rates of learning, forgetting and turnover, one row of settings.
        skill: where it stays, K, 0–1.
        files: handled by a person in a year.
    """
    forgotten = skill * math.log(2.0) * 12.0 / setting["skill_half_life_months"]
    replaced = setting["leaving"] * (skill - setting["new_hire_skill"])
    learnt = setting["learning"] * np.log1p(files)
    needed: Float = np.maximum(replaced + forgotten - learnt, 0.0) / np.maximum(1.0 - skill, 0.01)
    return needed


def units(
    setting: np.void,
    kinds_skill: Float,
    desk_persons: list[Float],
    slots: Float,
    capacity: Theme,
) -> Table:
    """The units of all states on the first day, row kind × states + state; nobody has handled a followed file yet.

    Args:
        setting: one row of settings.
        kinds_skill: skill by state, the same for all its units, 0–1, float64 [state].
        desk_persons: persons at work by kind of desk (outgoing, incoming, court, laboratory), float64 [state] each.
        slots: cases that investigators can work on, float64 [state].
        capacity: rates.
    """
    states = len(slots)
    rows = np.zeros(len(UnitKind) * states, UNIT).view(np.recarray)
    rows.kind = np.repeat(np.arange(len(UnitKind)), states)
    rows.state = np.tile(np.arange(states), len(UnitKind))
    rows.skill = rows.skill_base = np.tile(kinds_skill, len(UnitKind))
    rows.persons_base = np.concatenate([*desk_persons, slots])
    rows.posts_base = rows.persons_base * (1.0 + vacancies_per_person(capacity))
    whole = rows.kind != UnitKind.INVESTIGATION
    rows.posts = np.where(whole, np.maximum(np.rint(rows.posts_base), 1.0), rows.posts_base)
    rows.persons = rows.persons_base
    rows.upkeep = upkeep(setting, rows.skill_base, rows.handled)
    return rows
