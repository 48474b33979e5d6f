"""Comity: an agent-based simulator of international cooperation against cybercrime."""
