"""Long files: read in the background, kept over a restart."""
