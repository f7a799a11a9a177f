"""Why a code or a session does not open the door."""

from aiworker.core.errors import Unauthenticated


class SessionEnded(Unauthenticated):
    """Signed out, expired, or never there."""

    default_code = "session_ended"

    def __init__(self) -> None:
        super().__init__("You are signed out; sign in again.")


class CodeRefused(Unauthenticated):
    """Unknown, used or expired: one sentence for all, as a stranger may be asking."""

    default_code = "code_refused"

    def __init__(self) -> None:
        super().__init__("This sign-in link is not good (any more); ask for a new one.")
