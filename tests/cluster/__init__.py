"""Tests on a real one-node Slurm cluster, which they start: `make cluster-test`."""
