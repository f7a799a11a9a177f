"""What of a repository does not come along with a clone."""

from aiworker.git import Git, objects


async def remarks(git: Git, head: str | None) -> tuple[str, ...]:
    """Sentences on submodules and files in LFS."""
    if head is None:
        return ()
    modules, attributes = await objects.read_files(git, head, (".gitmodules", ".gitattributes"))
    found: list[str] = []
    if modules:
        found.append(
            "It has submodules. They are kept as links; `git submodule update` in a clone gets those whose address"
            " can be reached from there."
        )
    if b"filter=lfs" in attributes:
        found.append(
            "It keeps files in Git LFS. Here they are the pointers that git has; agents, previews and releases see"
            " pointers, too."
        )
    return tuple(found)
