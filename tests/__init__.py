"""Tests of Comity, in folders with the names of those in sim/."""
