"""Errors that only the command line knows."""

from aiworker.core.errors import Invalid


class WrongUse(Invalid):
    """The command line itself makes no sense: exit status 2."""

    default_code = "wrong_use"
