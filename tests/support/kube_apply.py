"""Server-side apply and merge patches, as far as objects of this size need it: each list is one value."""

import copy
from collections import defaultdict
from typing import Any

Json = dict[str, Any]
Path = tuple[str, ...]

_NOT_OWNED = {
    ("apiVersion",),
    ("kind",),
    ("metadata", "name"),
    ("metadata", "namespace"),
    ("metadata", "resourceVersion"),
}


class Owned(Exception):
    """Another manager owns a field and says otherwise."""

    def __init__(self, manager: str, path: Path) -> None:
        super().__init__(f'Apply failed with 1 conflict: conflict with "{manager}": .{".".join(path)}')


class Managers:
    """Who owns which field of which object."""

    def __init__(self) -> None:
        self._owned: defaultdict[str, defaultdict[str, set[Path]]] = defaultdict(lambda: defaultdict(set))

    def apply(self, live: Json, manifest: Json, *, uid: str, manager: str, force: bool) -> Json:
        """The object after an apply. Raises: Owned."""
        made, wanted = copy.deepcopy(live), leaves(manifest)
        for other, paths in self._owned[uid].items():
            if other == manager:
                continue
            for path in set(wanted) & paths:
                if value_at(made, path) != wanted[path]:
                    if not force:
                        raise Owned(other, path)
                    paths.discard(path)
        others = {path for other, paths in self._owned[uid].items() if other != manager for path in paths}
        for path in self._owned[uid][manager] - set(wanted) - others:
            _remove(made, path)
        for path, value in wanted.items():
            _set(made, path, value)
        self._owned[uid][manager] = set(wanted)
        return made

    def changed(self, uid: str, manager: str, changes: Json) -> None:
        """A manager has written these fields in another way, which counts as another manager."""
        manager = f"{manager} (update)"
        for path in leaves(changes):
            for paths in self._owned[uid].values():
                paths.discard(path)
            self._owned[uid][manager].add(path)

    def forget(self, uid: str) -> None:
        self._owned.pop(uid, None)


def merged(live: Any, changes: Any) -> Any:
    """RFC 7386."""
    if not isinstance(changes, dict):
        return copy.deepcopy(changes)
    made = copy.deepcopy(live) if isinstance(live, dict) else {}
    for name, value in changes.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def leaves(manifest: Json) -> dict[Path, Any]:
    """Each field that is no object with fields of its own."""
    found: dict[Path, Any] = {}

    def walk(value: Any, path: Path) -> None:
        if isinstance(value, dict) and value:
            for name, each in value.items():
                walk(each, (*path, name))
        elif path not in _NOT_OWNED:
            found[path] = value

    walk(manifest, ())
    return found


def value_at(found: Json, path: Path) -> Any:
    value: Any = found
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _set(made: Json, path: Path, value: Any) -> None:
    for part in path[:-1]:
        made = made.setdefault(part, {})
    if not (value == {} and isinstance(made.get(path[-1]), dict)):
        made[path[-1]] = copy.deepcopy(value)


def _remove(made: Json, path: Path) -> None:
    for part in path[:-1]:
        if not isinstance(made.get(part), dict):
            return
        made = made[part]
    made.pop(path[-1], None)
