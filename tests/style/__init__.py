"""Rules of plain English for everything that people read here; CONTRIBUTING.md says how to call them."""
