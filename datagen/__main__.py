"""The command, as ``datagen`` and ``python -m datagen`` start it: Ctrl-C is taken care of before all else."""

from datagen.commands import interruption


def main() -> None:
    """Run the command."""
    interruption.install()
    from datagen.cli import main as command

    command()


if __name__ == "__main__":
    main()
