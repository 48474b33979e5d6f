"""The model for step-by-step use: a Mesa model over the same rows and rules as `sim.simulate`.

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
