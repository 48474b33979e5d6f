"""Tests of sim/agents/crime."""
