"""Every scenario that comes with Comity moves what it is meant to move."""
