"""git over HTTP: any git client clones and pushes with a key as its password."""

from aiworker.edge.git_http.app import GitHttp
from aiworker.edge.git_http.rights import Authorise, OnPush, PushRights

__all__ = ["Authorise", "GitHttp", "OnPush", "PushRights"]
