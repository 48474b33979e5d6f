"""Benchmarks of the model's speed, next to other libraries and to targets: `make benchmarks`."""
