"""Data files of the model (CSV and YAML, each value with its source), and functions that read them."""
