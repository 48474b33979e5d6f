"""Two commits of the code beside each other: every scenario under both, in the same seeds."""
