import pytest

from aiworker.wire.base import camel


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("id", "id"),
        ("pod_name", "podName"),
        ("k8s_namespace", "k8sNamespace"),
        ("error_count_24h", "errorCount24h"),
        ("success_rate_24h", "successRate24h"),
    ],
)
def test_a_name_goes_out_in_camel_case_with_its_numbers_as_they_are(inside: str, outside: str) -> None:
    assert camel(inside) == outside
