"""Tests of sim/agents/investigation."""
