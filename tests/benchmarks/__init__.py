"""Speed of the kernel, compared with other libraries and with its own targets: `make benchmarks`."""
