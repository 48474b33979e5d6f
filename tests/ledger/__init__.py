"""A ledger of what the simulation does: events and rows of four worlds, which the machine does not change."""
