"""From the tables of one finished run to outcomes: turnaround, takedowns, refusals, evidence, harm."""
