"""``python -m datagen``: the command."""

from datagen.cli import main

if __name__ == "__main__":
    main()
