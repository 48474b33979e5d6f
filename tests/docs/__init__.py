"""Tests of the documentation: every command and code block works, and no link is broken."""
