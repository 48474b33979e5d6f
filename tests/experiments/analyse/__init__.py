"""Tests of analysing a study."""
