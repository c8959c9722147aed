"""The command line of those who run a desk."""
