"""How fast the kernel is, beside other libraries and against its own targets: `make benchmarks`."""
