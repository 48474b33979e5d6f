"""Tests of queues at desks: an exact simulation, the rule that approximates it, and their agreement."""
