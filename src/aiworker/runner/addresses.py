"""Where a server is."""

_GIT_DOOR = "/git/"


def from_here(clone_url: str, server: str) -> str:
    """A repository of the server at the address by which this runner knows it: inside a cluster that is another than
    the public one, which the server tells."""
    _, door, repository = clone_url.partition(_GIT_DOOR)
    return f"{server.rstrip('/')}{door}{repository}" if door else clone_url
