"""Clock, counter-based randomness, event queue and growing tables; nothing here depends on law or crime."""
