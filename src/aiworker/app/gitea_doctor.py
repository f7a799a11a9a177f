"""Looks at Gitea as `doctor` tells it: whether it answers, and what the token may do there."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiworker.adapters.forge.gitea import Client, ssh_of
from aiworker.adapters.forge.gitea.addresses import Ssh, clone_address
from aiworker.adapters.forge.gitea.shapes import Hook, Repo, User, Version
from aiworker.cli.starters import Finding, Mark
from aiworker.core.errors import AiWorkerError, Denied, NotFound
from aiworker.core.settings import Settings
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.git import Git, transfer
from aiworker.storage.condition import condition_of
from aiworker.storage.database import open_database
from aiworker.storage.migrations.generate import load_tables
from aiworker.storage.transaction import Tx
from aiworker.storage.urls import database_url

_SUBJECT = "gitea"
_OLDEST = (1, 19)
_SCOPES = "write:repository, write:issue and read:user"
_TOKEN = f"Make a token in Gitea (Settings, Applications) with the scopes {_SCOPES}, and set GITEA_TOKEN."
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_PROJECTS = 50
# Refused whoever asks, so that nothing is made; but a missing scope is what Gitea complains of first.
_IMPOSSIBLE: Mapping[str, Mapping[str, Any]] = {
    "pulls": {"head": "", "base": "", "title": ""},
    "issues": {"title": ""},
}


async def gitea_findings(settings: Settings) -> Sequence[Finding]:
    """Nothing where no Gitea is set."""
    if settings.gitea_url is None:
        return []
    if settings.gitea_token is None:
        return [_bad("There is a GITEA_URL, but no GITEA_TOKEN.", _TOKEN)]
    client = Client(str(settings.gitea_url), settings.gitea_token.get_secret_value(), patience=0.2)
    try:
        found = await _itself(client)
        if all(finding.mark is not Mark.BAD for finding in found):
            found += _way_back(settings)
            ssh = ssh_of(settings.gitea_ssh_url, settings.gitea_ssh_key, settings.home)
            for project in await _projects(settings):
                found += await _repository(client, project)
                if ssh is not None:
                    found.append(await _over_ssh(settings, ssh, project))
    finally:
        await client.close()
    return found


async def _itself(client: Client) -> list[Finding]:
    try:
        version = (await client.get("/version", Version)).version
        login = (await client.get("/user", User)).login
    except Denied as error:
        return [_bad(error.message, _TOKEN)]
    except AiWorkerError as error:
        return [_bad(error.message, "Start it, or set GITEA_URL to where it answers.")]
    found = [Finding(_SUBJECT, Mark.GOOD, f"{client.url} is {version}, and knows the token as {login}.")]
    numbers = [part for part in version.replace("+", ".").split(".")[:2] if part.isdecimal()]
    if len(numbers) == len(_OLDEST) and tuple(map(int, numbers)) < _OLDEST:
        found.append(_warning(f"Gitea {version} is older than what is tried.", "Bring Gitea to 1.19 or newer."))
    return found


def _way_back(settings: Settings) -> list[Finding]:
    """Gitea has to reach us with its webhooks."""
    ours = urlsplit(str(settings.public_url)).hostname if settings.public_url else None
    there = urlsplit(str(settings.gitea_url)).hostname
    if (ours is None or ours in _LOOPBACK) and there not in _LOOPBACK:
        sentence = "It cannot reach AiWorker with webhooks: what people do there is seen some minutes later."
        return [_warning(sentence, "Set AIWORKER_PUBLIC_URL to an address that Gitea reaches.")]
    return []


async def _projects(settings: Settings) -> list[ProjectRecord]:
    url = database_url(settings)
    try:
        found = await condition_of(url, load_tables())
    except AiWorkerError:
        return []  # what is wrong with the database is told with the database
    if not found.exists or found.revision != found.newest:
        return []
    database = open_database(url, pool_size=1)

    def body(tx: Tx) -> list[ProjectRecord]:
        return [project for project in queries.list_projects(tx) if project.in_gitea][:_MOST_PROJECTS]

    try:
        return await database.read(body)
    finally:
        await database.close()


async def _repository(client: Client, project: ProjectRecord) -> list[Finding]:
    path = f"/repos/{project.repository}"
    try:
        repo = await client.get(path, Repo)
        for what, wish in _IMPOSSIBLE.items():
            await _try(client, f"{path}/{what}", wish)
    except NotFound:
        remedy = "Give our account access to it, or `aiworker project sync` with its new address."
        return [_bad(f"{project.key}: there is no repository {project.repository} that we may see.", remedy)]
    except AiWorkerError as error:
        return [_bad(f"{project.key}: {error.message}", _TOKEN if isinstance(error, Denied) else None)]
    if repo.archived or (repo.permissions is not None and not repo.permissions.push):
        why = "is archived" if repo.archived else "may not be pushed to by our account"
        return [_bad(f"{project.key}: {repo.full_name} {why}.", "Make our account a collaborator with write access.")]
    found = [Finding(_SUBJECT, Mark.GOOD, f"{project.key}: {repo.full_name} can be read and written.")]
    try:
        await client.get(f"{path}/hooks", list[Hook])
    except AiWorkerError:
        sentence = f"{project.key}: our account may not keep the webhook of {repo.full_name}."
        found.append(_warning(sentence, "Make it an administrator of the repository; else news take some minutes."))
    return found


async def _over_ssh(settings: Settings, ssh: Ssh, project: ProjectRecord) -> Finding:
    address = clone_address(str(settings.gitea_url), project.repository, None, ssh)
    try:
        await transfer.look(Git(settings.home), address)
    except AiWorkerError as error:
        remedy = "Give our account (or the repository) the public key that belongs to GITEA_SSH_KEY."
        return _bad(f"{project.key}: git does not get to {address.url}: {error.message}", remedy)
    return Finding(_SUBJECT, Mark.GOOD, f"{project.key}: git reads {address.url}.")


async def _try(client: Client, path: str, wish: Mapping[str, Any]) -> None:
    """Raises: Denied. That it is refused otherwise is what is hoped for."""
    try:
        await client.call("POST", path, object, body=wish)
    except Denied:
        raise
    except AiWorkerError:
        return


def _bad(message: str, remedy: str | None) -> Finding:
    return Finding(_SUBJECT, Mark.BAD, message, remedy)


def _warning(message: str, remedy: str) -> Finding:
    return Finding(_SUBJECT, Mark.WARNING, message, remedy)
