"""Measures outcomes from the tables of one finished run: turnaround, takedowns, refusals, evidence, harm."""
