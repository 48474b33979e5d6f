"""A policymaker who reviews, compared with others under the same budget: page, figure and overview."""
