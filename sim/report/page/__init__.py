"""Makes report.html: one self-contained page that opens without a network and prints in black and white."""
