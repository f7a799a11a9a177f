"""What AiWorker may do in a cluster is exactly what it does there."""

from aiworker.adapters.runtime.kubernetes.permissions import ROLE, Permission, needed
from tests.support.kustomize import Json, one, overlay

Right = tuple[str, str, str]


def rights(role: Json) -> set[Right]:
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def wanted(permission: Permission) -> Right:
    return permission.kind.group, permission.resource, permission.verb


def test_without_argo_cd_the_cluster_role_is_what_the_runtime_needs() -> None:
    asked = {wanted(each) for each in needed(argocd_namespace=None)}
    assert rights(one(overlay("quickstart"), "ClusterRole", ROLE)) == asked


def test_with_argo_cd_its_component_adds_what_that_needs() -> None:
    objects = overlay("production")
    more = set(needed(argocd_namespace="argocd")) - set(needed(argocd_namespace=None))
    there = {wanted(each) for each in more if each.namespace == "argocd"}
    everywhere = {wanted(each) for each in more if each.namespace is None}
    assert rights(one(objects, "Role", "aiworker-applications", "argocd")) == there
    assert rights(one(objects, "ClusterRole", "aiworker-kinds")) == everywhere


def test_each_role_is_bound_to_the_account_that_servers_and_workers_have() -> None:
    objects = overlay("production")
    roles = {each["metadata"]["name"] for each in objects if each["kind"] in {"Role", "ClusterRole"}}
    bindings = [each for each in objects if each["kind"] in {"RoleBinding", "ClusterRoleBinding"}]
    assert {each["roleRef"]["name"] for each in bindings} == roles
    account = {"kind": "ServiceAccount", "name": "backend", "namespace": "control-plane"}
    assert all(each["subjects"] == [account] for each in bindings)
    for name in ("backend", "worker"):
        assert one(objects, "Deployment", name)["spec"]["template"]["spec"]["serviceAccountName"] == "backend"
