"""One installation, whatever many processes it has: they share a database, a secret key and a home folder."""

from aiworker.access.system import queries
from aiworker.core.errors import Conflict, Unavailable
from aiworker.core.secrets import SecretBox
from aiworker.storage.transaction import Tx

_KEY = "installation"
_PROOF = "aiworker"


def join_installation(tx: Tx, secrets: SecretBox, home: str) -> None:
    """Whoever comes first makes it; everybody after must have the same secret key and the same home folder.

    Raises: Conflict.
    """
    known: dict[str, str] | None = queries.find(tx, _KEY)
    if known is None:
        made = {"home": home, "proof": secrets.seal(_PROOF)}
        if queries.add(tx, _KEY, made, "What every process of this installation must share."):
            return
        known = queries.find(tx, _KEY)
    if known is None:
        return
    if not _opens(secrets, known["proof"]):
        raise Conflict(
            "SECRET_KEY is not the one that this database's secrets are encrypted with: "
            "give every process the same SECRET_KEY.",
            code="secret_key_differs",
        )
    if known["home"] != home:
        raise Conflict(
            "This database belongs to another home folder: processes that share a database share AIWORKER_HOME, "
            "too, because the git repositories and programs are kept there.",
            code="home_differs",
        )


def _opens(secrets: SecretBox, sealed: str) -> bool:
    try:
        return secrets.open(sealed) == _PROOF
    except Unavailable:
        return False
