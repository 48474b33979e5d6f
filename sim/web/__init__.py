"""The what-if page: choose or move a policy and see what it changes, in real paired worlds, while one looks."""
