"""Tests of the law and of its data."""
