"""Clock, counter-based randomness, priority queues and growing tables: nothing here knows about law or crime."""
