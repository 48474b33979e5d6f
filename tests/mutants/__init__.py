"""Mutation tests: small errors are put into a copy of the code, one at a time, for tests to detect."""
