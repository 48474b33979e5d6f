"""What a study found: effects as one table, and the words and labels by which reports and pages say it."""
