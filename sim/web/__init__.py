"""The what-if page: shows a policy's effects in paired worlds that are simulated while the reader watches."""
