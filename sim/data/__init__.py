"""Data of the project (CSV and YAML, each value with its source) and the functions that read it."""
