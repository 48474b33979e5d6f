"""Queues at desks: an exact simulation of single files, the rule that is judged by it, and what both must agree on."""
