"""A policymaker who reviews, set beside others under the same budget: page, figure and overview."""
