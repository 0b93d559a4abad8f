"""From a raw answer to what a page says."""
