"""From any input to pages."""
