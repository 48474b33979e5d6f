"""Benchmarks of the model's speed, compared with other libraries and with targets: `make benchmarks`."""
