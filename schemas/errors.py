"""The two exceptions that a user sees: the message of each is one sentence, what is wrong and what to do."""


class InputError(ValueError):
    """Something the user gave is wrong (a file, an option, a value); the command exits with 2."""


class RunFailed(RuntimeError):
    """A run that was asked for rightly could not be finished; the command exits with 1."""
