"""Units that aim at the same group, and how they learn of each other (M12, M20)."""
