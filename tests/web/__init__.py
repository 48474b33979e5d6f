"""Tests of the what-if page without a browser."""
