"""For writing a module: a program that takes robots of its types from the server, and does the work."""

from aiworker.sdk.context import Call, Context, Result, Step
from aiworker.sdk.failures import (
    BusinessFailure,
    Cancelled,
    ExternalFailure,
    Failure,
    InvalidInput,
    ResourceFailure,
    TimeoutFailure,
)
from aiworker.sdk.module import Module
from aiworker.wire.engine import ErrorCategory, StepCategory

__all__ = [
    "BusinessFailure",
    "Call",
    "Cancelled",
    "Context",
    "ErrorCategory",
    "ExternalFailure",
    "Failure",
    "InvalidInput",
    "Module",
    "ResourceFailure",
    "Result",
    "Step",
    "StepCategory",
    "TimeoutFailure",
]
