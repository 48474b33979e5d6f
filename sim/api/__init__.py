"""The Python interface behind `import sim`; the commands go through the same functions."""
