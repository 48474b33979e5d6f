"""One file a figure; each takes a Story and gives a Figure, or None where there is nothing to show."""
