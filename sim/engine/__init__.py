"""Clock, counter-based randomness, priority queues and growing tables, free of any law or crime."""
