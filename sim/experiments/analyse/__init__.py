"""What a study tells beyond its tables: sensitivity, discovery of scenarios, trade-offs."""
