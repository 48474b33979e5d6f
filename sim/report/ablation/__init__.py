"""What an ablation found, in words, tables and for a terminal."""
