"""Tests that start a real Slurm cluster of one node: `make cluster-test`."""
