"""Mesa model that advances a world step by step, with the same tables and rules as `sim.simulate`.

Importing it imports Mesa, which takes seconds.
"""

from sim.model.agents import (
    CentralAuthority,
    CriminalGroup,
    Desk,
    LiaisonBody,
    NationalAgency,
    ReadOnlyError,
    Row,
    ServiceProvider,
)
from sim.model.cooperation import CooperationModel, mesa_model

__all__ = [
    "CentralAuthority",
    "CooperationModel",
    "CriminalGroup",
    "Desk",
    "LiaisonBody",
    "NationalAgency",
    "ReadOnlyError",
    "Row",
    "ServiceProvider",
    "mesa_model",
]
