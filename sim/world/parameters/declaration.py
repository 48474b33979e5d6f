"""Declares a parameter: default, unit, range, source, meaning and evidence tag in one place."""

from dataclasses import dataclass, field
from typing import Any

from sim.law.vocabulary import EvidenceTag


@dataclass(frozen=True)
class Declaration:
    """Unit, allowed range, source and evidence tag of a parameter."""

    unit: str
    low: float
    high: float
    source: str
    tag: EvidenceTag
    meaning: str


def parameter(
    default: float,
    unit: str,
    low: float,
    high: float,
    source: str,
    meaning: str,
    tag: EvidenceTag = EvidenceTag.JUDGEMENT,
) -> Any:
    """A dataclass field with its declaration."""
    declaration = Declaration(unit, low, high, source, tag, meaning)
    return field(default=default, metadata={"declaration": declaration})
