"""Rules of a user's own in the place of the model's."""
