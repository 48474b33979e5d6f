"""The rules of agents by theme, compiled: one file for each thing that agents do, know or decide."""
