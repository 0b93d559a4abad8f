"""Background tasks: `runner` reads long files, `store` keeps them over a restart."""
