"""The command line's jobs and options, and what they tell."""
