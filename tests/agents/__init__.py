"""Tests of sim/agents."""
