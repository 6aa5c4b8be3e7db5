"""One table of commands, and how one is found."""
