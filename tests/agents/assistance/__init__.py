"""Tests of sim/agents/assistance."""
