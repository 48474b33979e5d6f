"""Tests; the folders mirror sim/."""
