"""The door `/metrics`: what this process did, and how the installation stands, for Prometheus."""

from aiworker.edge.metrics.app import MetricsDoor, everybody, with_key
from aiworker.edge.metrics.book import Metrics
from aiworker.edge.metrics.figures import Standing
from aiworker.edge.metrics.http import Measured

__all__ = ["Measured", "Metrics", "MetricsDoor", "Standing", "everybody", "with_key"]
