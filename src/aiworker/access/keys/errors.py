"""Why a key does not open the door."""

from aiworker.core.errors import Unauthenticated


class KeyUnknown(Unauthenticated):
    """There is no such key, or the text is not a key at all."""

    default_code = "key_unknown"

    def __init__(self) -> None:
        super().__init__("This key is not known.")


class KeyRevoked(Unauthenticated):
    """Somebody ended it."""

    default_code = "key_revoked"

    def __init__(self, name: str) -> None:
        super().__init__(f"The key {name} was revoked; ask an admin for a new one.")


class KeyExpired(Unauthenticated):
    """Its time is over."""

    default_code = "key_expired"

    def __init__(self, name: str, moment: str) -> None:
        super().__init__(f"The key {name} expired at {moment}; ask an admin for a new one.")
