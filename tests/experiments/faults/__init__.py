"""Faults at every call: a disk that fails, tears and forgets, and histories of commands on it."""
