"""Sweeps: many points of a design, each under every scenario and seed, in a study that can be gone on with."""
