"""What a cluster may say instead of doing it."""

from typing import Any

from aiworker.core.errors import Unavailable
from aiworker.core.sayings import Saying, Sentence

REFUSES = Sentence("cluster_refuses", "{system} does not {what}: {error}")
_UNKNOWN_CREDENTIAL = Sentence(
    "kubernetes_credential_unknown",
    "Kubernetes does not know AiWorker's credential (any more); `aiworker doctor` looks at it.",
)
_FORBIDDEN = Sentence(
    "kubernetes_forbids", "AiWorker may not {what}: {error}. `aiworker doctor` prints the rules it lacks."
)


class ClusterAway(Unavailable):
    """It does not answer, or not sensibly; later it may."""

    default_code = "kubernetes_away"


class ClusterRefused(Unavailable):
    """It answered no. `status` is the HTTP status, `reason` the API's word for it (Forbidden, Invalid, Conflict …)."""

    default_code = "kubernetes_refused"

    def __init__(self, message: Saying, *, status: int, reason: str = "", causes: tuple[str, ...] = ()) -> None:
        super().__init__(message, details={"status": status, "reason": reason})
        self.status = status
        self.reason = reason
        self.causes = causes

    @property
    def terminating(self) -> bool:
        """Whether it refused because the namespace is being removed."""
        return "NamespaceTerminating" in self.causes


def refusal(status: int, what: str, answer: dict[str, Any]) -> ClusterRefused:
    """The error for an answer that is a Status of the API. `what`: what was tried, like `apply the Service x`."""
    said = str(answer.get("message") or f"status {status}")[:1_000]
    reason = str(answer.get("reason") or "")
    causes = tuple(str(cause.get("reason")) for cause in (answer.get("details") or {}).get("causes") or ())
    match status:
        case 401:
            message = _UNKNOWN_CREDENTIAL()
        case 403 if "NamespaceTerminating" not in causes:
            message = _FORBIDDEN(what=what, error=said)
        case _:
            message = REFUSES(system="Kubernetes", what=what, error=said)
    return ClusterRefused(message, status=status, reason=reason, causes=causes)
