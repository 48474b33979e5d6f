"""Data files of the model (CSV and YAML, with a source for each value), and functions that read the files."""
