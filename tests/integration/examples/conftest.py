from tests.integration.sdk.conftest import shop

__all__ = ["shop"]
