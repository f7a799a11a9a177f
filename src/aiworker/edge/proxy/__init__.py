"""Previews by host name: hands requests for `{name}.preview.localhost` to what runs under that name."""

from aiworker.edge.proxy.hosts import preview_name
from aiworker.edge.proxy.proxy import PreviewProxy

__all__ = ["PreviewProxy", "preview_name"]
