"""What Gitea's refusals mean, over its API and through git."""

import re

from aiworker.core.errors import AiWorkerError, Conflict, Denied, Invalid, NotFound
from aiworker.core.sayings import Sentence
from aiworker.git.transfer import SSH_REFUSES

_SCOPE = re.compile(r"(?:read|write):[a-z]+")
_TOLD: dict[int, tuple[type[Conflict] | type[Invalid], str]] = {
    409: (Conflict, "gitea_conflict"),
    412: (Conflict, "gitea_conflict"),
    423: (Conflict, "repository_archived"),
}
_SAYS = Sentence("gitea_says", "Gitea: {error}.")
_NOT_NOW = Sentence("gitea_not_now", "Gitea: that is not allowed now.")
_NOT_US = Sentence("gitea_denies_account", "Gitea: our account may not do this.")
_NO_SSH = Sentence("gitea_no_ssh", "Gitea keeps git out of {repository} over SSH: {error} See GITEA_SSH_KEY.")
_NO_SCOPE = Sentence(
    "gitea_keeps_git_out",
    "Gitea keeps git out of {repository}: the token lacks the scope {scope}, or our account its permission.",
)
_ANSWERS = Sentence("gitea_answers", "Gitea answers {status} to {asked}.")
_REMEDY = "give the token its scopes anew in Gitea, under Settings, Applications"


class NotAllowed(Conflict):
    """Gitea answers 405: not like this, or not yet (`try_again`)."""

    default_code = "gitea_not_allowed"

    def __init__(self, said: str) -> None:
        super().__init__(_SAYS(error=said) if said else _NOT_NOW())
        self.try_again = "try again" in said.lower()


def refusal(status: int, said: str, asked: str) -> AiWorkerError:
    """The error for an answer that asking again does not change. `said` is Gitea's own sentence, `asked` ours."""
    if status in (401, 403):
        return denied(status, said)
    if status == 404:  # noqa: PLR2004
        return NotFound(f"Gitea has nothing there, or nothing that we may see: {asked}.", code="gitea_not_found")
    if status == 405:  # noqa: PLR2004
        return NotAllowed(said)
    kind, code = _TOLD.get(status, (Invalid, "gitea_refused"))
    told = _SAYS(error=said) if said else _ANSWERS(status=status, asked=asked)
    return kind(told, code=code, details={"status": status})


def denied(status: int, said: str) -> Denied:
    """Gitea knows the token too little, or not at all."""
    if status == 401:  # noqa: PLR2004
        return Denied("Gitea does not know this token; set GITEA_TOKEN anew.", code="gitea_token_refused")
    scope = _SCOPE.search(said)
    if scope is not None:
        return Denied(
            f"The token for Gitea lacks the scope {scope[0]}; {_REMEDY}.",
            code="gitea_scope_missing",
            details={"scope": scope[0]},
        )
    return Denied(_SAYS(error=said) if said else _NOT_US(), code="gitea_denied")


def of_git(error: Invalid, name: str, *, pushing: bool) -> AiWorkerError:
    """What git could not do with a repository in Gitea, in the same words."""
    status = error.details.get("status")
    if "archived" in error.message:
        return Conflict(f"{name} is archived in Gitea.", code="repository_archived")
    if any(sign in error.message for sign in SSH_REFUSES):
        said = error.message.partition(": ")[2]
        return Denied(_NO_SSH(repository=name, error=said), code="gitea_denied")
    if status == 403:  # noqa: PLR2004
        scope = "write:repository" if pushing else "read:repository"
        return Denied(_NO_SCOPE(repository=name, scope=scope), code="gitea_denied", details={"scope": scope})
    if status == 401:  # noqa: PLR2004
        return denied(401, "")
    if status == 404:  # noqa: PLR2004
        return NotFound(f"Gitea has no repository {name}, or none that we may see.", code="repository_not_found")
    return error
