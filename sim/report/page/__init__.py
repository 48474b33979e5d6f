"""report.html: one self-contained page for each result, which opens without a network and prints in black and white."""
