"""One file a figure; each takes a Story and gives a matplotlib Figure, or None where there is nothing to show."""
