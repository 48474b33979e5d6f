"""One file per kind of agent: its compiled rules. Agents never call each other; they post events."""
