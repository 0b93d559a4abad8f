"""Training: scripts that fit the small models in the package. They are no part of the wheel."""
