"""Tests that every shipped scenario changes the outcomes that it is meant to change."""
