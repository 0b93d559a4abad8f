"""Questions answered with the place that proves the answer."""
