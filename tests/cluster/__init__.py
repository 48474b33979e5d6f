"""A real one-node cluster, started for the check: `make cluster-test`."""
