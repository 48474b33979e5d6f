"""Recorded law-enforcement operations, compared with simulations under the law of their time."""
