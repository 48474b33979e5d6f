"""Rules of plain English for all text in the repository; CONTRIBUTING.md explains their use."""
