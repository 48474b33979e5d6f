"""The Python interface that `import sim` offers; commands call the same functions."""
