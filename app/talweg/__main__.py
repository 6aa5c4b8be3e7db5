"""The command ``talweg``."""

from talweg.cli import main

if __name__ == "__main__":
    main()
