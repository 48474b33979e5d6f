"""The Python interface behind `import sim`; commands call the same functions."""
