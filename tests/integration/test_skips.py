from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPS = """
    import pytest
    from tests.support.programs import need_program

    def test_that_skips():
        need_program("a-program-nobody-has", package="nobody")

    @pytest.mark.xfail(strict=True)
    def test_that_is_expected_to_fail():
        assert False
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(SKIPS)
    pytester.syspathinsert(Path(__file__).parents[2])
    return pytester


def test_a_skip_tells_the_line_that_installs_what_is_missing(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = suite.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*apt-get install -y --no-install-recommends nobody*"])


def test_on_ci_a_skipped_test_fails(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = suite.runpytest_inprocess()
    result.assert_outcomes(failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*with CI=true a skip is a failure*"])


def test_on_ci_a_module_that_skips_itself_fails(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.makepyfile(test_whole="import pytest\npytest.skip('the whole of it', allow_module_level=True)")
    monkeypatch.setenv("CI", "true")
    result = suite.runpytest_inprocess("test_whole.py")
    result.assert_outcomes(errors=1)
