"""Tests of docs/programs."""
