"""Control groups, as far as a folder can stand for the kernel's."""

from pathlib import Path

import pytest

from aiworker.adapters.runtime.cgroups import Cgroups


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """What a machine shows below /sys/fs/cgroup when this process is in `user.slice/ours.scope`."""
    for folder in (tmp_path, tmp_path / "user.slice", tmp_path / "user.slice/ours.scope"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
        (folder / "cgroup.subtree_control").write_text("memory pids\n")
    return tmp_path


def here(kernel: Path, line: str = "0::/user.slice/ours.scope\n") -> Path:
    file = kernel.parent / "self"
    file.write_text(line)
    return file


def ours(kernel: Path) -> Path:
    """The kernel fills a new folder by itself; here that is done beforehand."""
    base = kernel / "user.slice/aiworker.slice"
    base.mkdir()
    (base / "cgroup.controllers").write_text("cpu memory\n")
    (base / "cgroup.subtree_control").write_text("\n")
    return base


def test_a_group_stands_beside_our_own_and_has_both_controllers(kernel: Path) -> None:
    base = ours(kernel)
    groups = Cgroups.find(kernel, here(kernel))
    assert groups is not None
    assert (kernel / "user.slice/cgroup.subtree_control").read_text() == "+cpu"
    assert (base / "cgroup.subtree_control").read_text() == "+cpu +memory"


def test_limits_are_written_in_the_kernels_words(kernel: Path) -> None:
    base = ours(kernel)
    groups = Cgroups.find(kernel, here(kernel))
    assert groups is not None
    group = groups.make("task-shop-1", memory=512 * 2**20, cpu=0.5)
    assert group is not None
    written = {file.name: file.read_text() for file in (base / "task-shop-1").iterdir()}
    assert written == {
        "memory.max": "536870912",
        "cpu.max": "50000 100000",
        "memory.oom.group": "1",
        "memory.swap.max": "0",
    }
    group.hold(4711)
    assert (group.path / "cgroup.procs").read_text() == "4711"
    assert groups.known("task-shop-1") == group
    assert groups.known("task-shop-2") is None


def test_what_the_kernel_killed_for_its_memory_is_told(kernel: Path) -> None:
    ours(kernel)
    groups = Cgroups.find(kernel, here(kernel))
    assert groups is not None
    group = groups.make("task-shop-1", memory=1, cpu=1)
    assert group is not None
    assert not group.ran_out_of_memory()
    (group.path / "memory.events").write_text("low 0\nhigh 0\nmax 5\noom 1\noom_kill 0\noom_group_kill 0\n")
    assert not group.ran_out_of_memory()
    (group.path / "memory.events").write_text("low 0\nhigh 0\nmax 5\noom 1\noom_kill 2\noom_group_kill 1\n")
    assert group.ran_out_of_memory()


@pytest.mark.parametrize(
    "line",
    ["", "12:memory:/user.slice\n", "0::/nowhere/at.all\n"],
    ids=["no kernel of this kind", "the older kind", "a group that is not there"],
)
def test_without_control_groups_there_are_none(kernel: Path, line: str) -> None:
    assert Cgroups.find(kernel, here(kernel, line)) is None
    assert Cgroups.find(kernel / "none", here(kernel)) is None
    assert Cgroups.find(kernel, kernel / "no such file") is None


def test_a_machine_that_does_not_hand_memory_on_has_none(kernel: Path) -> None:
    (kernel / "user.slice/cgroup.controllers").write_text("pids\n")
    assert Cgroups.find(kernel, here(kernel)) is None
    assert not (kernel / "user.slice/aiworker.slice").exists()


def test_a_limit_that_the_kernel_refuses_makes_no_group(kernel: Path) -> None:
    base = ours(kernel)
    groups = Cgroups.find(kernel, here(kernel))
    assert groups is not None
    (base / "task-shop-1/memory.max").mkdir(parents=True)
    assert groups.make("task-shop-1", memory=1, cpu=1) is None
