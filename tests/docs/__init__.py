"""Tests of the documentation: every command and code block is run, and the site has no broken link."""
