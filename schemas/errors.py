"""The one exception for wrong input: its message is the sentence that the user reads."""


class InputError(ValueError):
    """Something the user gave is wrong (a file, an option, a value); the command exits with 2."""
