"""Scenarios that the program itself knows by name."""

#: What others are compared with: law and practice as they are.
BASELINE = "status_quo"
#: The two ends of the ladder.
LOWER_BOUND, UPPER_BOUND = "no_cooperation", "full_cooperation"
