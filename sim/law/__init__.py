"""The law: which requests states may make to each other, by channel, kind of data, conditions and date."""
