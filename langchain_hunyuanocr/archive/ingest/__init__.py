"""Documents into the archive, by runs that may be killed anywhere."""
