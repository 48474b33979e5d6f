"""The law: the requests that states may make to each other, by channel, data, conditions and date."""
