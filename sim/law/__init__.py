"""The law: the requests that each state may make to each other, by channel, data, conditions and date."""
