"""Tests of users' own rules and parts in place of the model's."""
