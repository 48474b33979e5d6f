"""Levers on people, skill, secure channels and formats (M21, M22, M9).

Posts are filled and skill is learned by the rules of `sim.agents.capacity` in the months that follow.
"""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import (
    Mask,
    ShareOfWhole,
    StateField,
    free,
    has_turnover,
    selected_units,
    system_price_level,
)
from sim.policy.places import load_atlas, mask_of
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
from sim.world.records import DeskKind, UnitKind
from sim.world.world import World


@dataclass(frozen=True)
class UnitField:
    """Sets a field of units of some kinds in the selected states."""

    field: str
    kinds: tuple[UnitKind, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Writes the value as it is."""
        world.unit[self.field][selected_units(world, assignment, self.kinds)] = assignment.value


def _investigators(world: World, assignment: Assignment) -> None:
    """Multiplies the posts of investigators, or at once the cases they can work on in a world without turnover."""
    rows = selected_units(world, assignment, (UnitKind.INVESTIGATION,))
    if has_turnover(world):
        world.unit["posts"][rows] = world.unit["posts_base"][rows] * assignment.value
    else:
        world.state["slots"][world.unit["state"][rows]] = world.unit["persons_base"][rows] * assignment.value


def _investigators_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Salaries of the investigators that a state has more than it had."""
    before = ledger.baseline.case_slots * ledger.cost("investigators_per_case")
    persons = np.where(assignment.state_mask, before * assignment.value, ledger.investigators)
    more, ledger.investigators = persons - ledger.investigators, persons
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.cost("staff_investigator") * wage_level())


@dataclass(frozen=True)
class TrainingWeeks:
    """Training of the people of desks, or of investigators where no kind is given: weeks of five days, every year."""

    payer: Payer
    kinds: tuple[DeskKind, ...] = ()

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges by the year as long as training continues."""
        persons = ledger.persons_at(self.kinds) if self.kinds else ledger.investigators
        more = ledger.new_in_states(assignment, persons * assignment.value / 5.0, ledger.nothing)
        ledger.commit(day, self.payer, a_year=more * ledger.cost("training_week") * wage_level())


def _reached_by_programme(assignment: Assignment) -> Mask:
    """States that a programme reaches: a share of those selected, best governed first; bool [state]."""
    atlas = load_atlas()
    chosen = atlas.states if assignment.states is None else assignment.states
    order = atlas.best_governed_first(tuple(chosen))
    return mask_of(order[: round(assignment.value * len(order))])


def _programme(world: World, assignment: Assignment) -> None:
    """A programme begins in states that it has not reached before."""
    new = _reached_by_programme(assignment) & np.isnan(world.state["programme_since"])
    world.state["programme_since"][new] = world.now[0]


def _programme_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """A system in every state that a programme for a secure channel reaches for the first time."""
    before = ledger.reached.get(assignment.lever, ledger.nothing)
    reached = np.maximum(_reached_by_programme(assignment), before)
    new = ledger.new(assignment.lever, reached, ledger.nothing)
    once = new * (ledger.cost("case_system") * system_price_level())
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, once, once * ledger.cost("case_system_upkeep"))


def _training(
    lever: str, whom: str, units: str, kinds: tuple[UnitKind, ...], charges: TrainingWeeks, stage: OwnStage
) -> WorldLever:
    """Training of one kind of unit."""
    return WorldLever(
        lever,
        f"Training of {whom}, days a person and year on top of today's",
        Quantity.DAYS,
        Target.STATES,
        limits=Limits(0, 40, neutral=0),
        acts_on=f"training_days of {units}",
        stage=stage,
        writes=UnitField("training_days", kinds),
        cost="1,000 to 3,000 euros a person-week (M24), again every year; trained days are missing at the desk",
        charges=charges,
        source="M21; skill gained decays with a half-life of 12 to 24 months and leaves with those who leave. The EU's "
        "judicial training strategy of 2020 aims at five days a year (recalled): eight times that at most",
    )


LEVERS = (
    WorldLever(
        "agency.investigators",
        "Posts for investigators of cybercrime",
        Quantity.RATIO,
        Target.STATES,
        acts_on="posts of investigation units; filled in 12 to 18 months, by people who must learn",
        writes=_investigators,
        stage=OwnStage("cases_dropped_share", rises=False),
        cost="70,000 to 140,000 euros an investigator and year (judgement)",
        charges=_investigators_cost,
        source="M11, M21; HMICFRS 2019",
    ),
    WorldLever(
        "agency.specialised",
        "Share of investigators of cybercrime who work in a dedicated unit and do nothing else",
        Quantity.SHARE,
        Target.STATES,
        acts_on="specialised of investigation units: skill that is used every day is forgotten more slowly",
        writes=UnitField("specialised", (UnitKind.INVESTIGATION,)),
        stage=OwnStage("skill_investigators", rises=True),
        cost="reorganisation; investigators missing elsewhere",
        charges=free,
        source="M11, M21",
        needs="people who come, forget and leave (uncertainty.mechanism.with_turnover)",
    ),
    _training(
        "agency.training",
        "investigators",
        "investigation units",
        (UnitKind.INVESTIGATION,),
        TrainingWeeks(Payer.INVESTIGATOR),
        OwnStage("skill_investigators", rises=True),
    ),
    _training(
        "central_authority.training",
        "central authorities",
        "outgoing and incoming desks",
        (UnitKind.OUTGOING, UnitKind.INCOMING),
        TrainingWeeks(Payer.CENTRAL_AUTHORITY, (DeskKind.OUTGOING, DeskKind.INCOMING)),
        OwnStage("skill_authorities", rises=True),
    ),
    _training(
        "court.training",
        "courts that order execution",
        "court desks",
        (UnitKind.COURT,),
        TrainingWeeks(Payer.COURT, (DeskKind.COURT,)),
        # Skill makes courts and laboratories faster only: less than the days that are missing at the desk.
        OwnStage("court_backlog", rises=True),
    ),
    _training(
        "forensic.training",
        "forensic examiners",
        "laboratories",
        (UnitKind.FORENSIC,),
        TrainingWeeks(Payer.LABORATORY, (DeskKind.FORENSIC,)),
        OwnStage("conversion_days", rises=True),
    ),
    WorldLever(
        "secure_channel.adoption",
        "Share of the selected states that a programme for one secure channel reaches, best governed first",
        Quantity.SHARE,
        Target.STATES,
        acts_on="programme_since of states; each adopts in its own time (half within 4 years), a pair is secure once "
        "both have",
        writes=_programme,
        stage=OwnStage("evidence_excluded_share", rises=False),
        cost="2 to 20 million euros a system (M24), at both ends",
        charges=_programme_cost,
        source="M22: adoption takes 3 to 8 years",
        needs="both ends of a pair: selecting one state alone makes no pair secure",
    ),
    WorldLever(
        "request.structured",
        "Share of a state's requests and answers in one structured format",
        Quantity.SHARE,
        Target.STATES,
        acts_on="structured of states; acts where both ends use it",
        writes=StateField("structured"),
        stage=OwnStage("reformatted_share", rises=False),
        cost="conversion of case systems at both ends",
        charges=ShareOfWhole(Payer.CENTRAL_AUTHORITY, "format_conversion", yearly=False),
        source="M22, M9; Europol 2023: 21 % of SIENA messages are structured",
        tag=EvidenceTag.RECALLED,
        needs="both ends of a pair: a format that one side alone uses changes nothing",
    ),
    WorldLever(
        "forensic.decryption",
        "Share of encrypted content that laboratories can open, at three times the work",
        Quantity.SHARE,
        Target.STATES,
        acts_on="decryption of the requesting state",
        writes=StateField("decryption"),
        stage=OwnStage("unusable_share", rises=False),
        cost="equipment, shared platforms and examiners' time",
        charges=ShareOfWhole(Payer.LABORATORY, "decryption", yearly=True),
        source="M9: .05 to .3 of content cannot be read",
    ),
)
