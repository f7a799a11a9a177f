import resource
from collections.abc import Iterator

import pytest

from aiworker.core.descriptors import MOST, allow_many


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def open_at_most() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_a_process_that_began_with_few_may_have_many_open() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    allow_many()
    assert open_at_most() == (MOST if hard == resource.RLIM_INFINITY else min(hard, MOST))


def test_who_has_more_already_keeps_it() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= MOST:
        pytest.skip("this machine allows no more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST + 1, hard))
    allow_many()
    assert open_at_most() == MOST + 1
