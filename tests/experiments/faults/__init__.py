"""Tests of studies on a simulated disk that can fail at any call."""
