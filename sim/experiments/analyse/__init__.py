"""What a study shows beyond its tables: sensitivity, discovery of scenarios, trade-offs."""
