"""The figures, most of them in a file of their own; each takes a Story and gives a Figure, or None without data."""
