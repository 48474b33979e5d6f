"""Who may ask whom, for what, by which channel, under which conditions, on a given date."""
