"""Investigations: cases and their chains of evidence, plans, action days, custody and assets (M10–M14, M25)."""

from sim.agents.investigation.action import hop_due, team_formed, update_readiness
from sim.agents.investigation.agency import case_key, open_case, opening_score, opening_threshold, victim_reports
from sim.agents.investigation.assets import assets_decided
from sim.agents.investigation.custody import caught_travelling, surrender_decided, trial_ends
from sim.agents.investigation.liaison_answers import freeze_answered, referral_answered
from sim.agents.investigation.request_outcomes import give_up, job_served, police_answered, request_ended
from sim.agents.investigation.reviewing import case_reviewed, group_exits, join_action
from sim.agents.investigation.sweeps import clients_sought

__all__ = [
    "assets_decided",
    "case_key",
    "case_reviewed",
    "caught_travelling",
    "clients_sought",
    "freeze_answered",
    "give_up",
    "group_exits",
    "hop_due",
    "job_served",
    "join_action",
    "open_case",
    "opening_score",
    "opening_threshold",
    "police_answered",
    "referral_answered",
    "request_ended",
    "surrender_decided",
    "team_formed",
    "trial_ends",
    "update_readiness",
    "victim_reports",
]
