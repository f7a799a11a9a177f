"""The protocol's side: which tools, resources and prompts there are, and who answers a call of them.

The SDK's low-level server is used, because it leaves the words of errors and schemas to us: agents live by them.
"""

from collections.abc import Mapping
from typing import Any

from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
)
from pydantic import TypeAdapter, ValidationError

from aiworker.core.errors import AiWorkerError, Invalid, NotFound
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.service import Delivery
from aiworker.edge.mcp.agent_tools import AgentTools
from aiworker.edge.mcp.answers import protocol_error, tool_refusal, travelling
from aiworker.edge.mcp.board_tools import BoardTools
from aiworker.edge.mcp.context import Context, caller_of, request_id_of
from aiworker.edge.mcp.resources import TEMPLATES, Resources
from aiworker.edge.mcp.robot_tools import RobotTools
from aiworker.edge.mcp.texts import INSTRUCTIONS, work_on_next_task
from aiworker.edge.mcp.tool import Tool
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.wire.base import Identifier
from aiworker.wire.engine import Worker

_PROMPT = Prompt(
    name="work_on_next_task",
    title="Work on the next task",
    description="How to take a task from the board, do it, and hand it in.",
    arguments=[PromptArgument(name="project", description="Only tasks of this project (id or key).", required=False)],
)
_PROJECT: TypeAdapter[str] = TypeAdapter(Identifier)


class Handlers:
    """What can be asked, and who answers."""

    def __init__(self, tools: list[Tool[Any]], resources: Resources) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._described = {tool.name: tool.described() for tool in tools}
        self._resources = resources

    @classmethod
    def of(cls, *, database: Database, delivery: Delivery, engine: Engine, worker: Worker) -> "Handlers":
        """All tools and resources."""
        tools = [
            *AgentTools(delivery.desk).tools(),
            *BoardTools(database, delivery.desk, delivery.task_views).tools(),
            *RobotTools(database, engine, worker).tools(),
        ]
        return cls(tools, Resources(database, delivery))

    def input_schema(self, name: str) -> dict[str, Any] | None:
        """What a tool takes, if there is one of that name."""
        described = self._described.get(name)
        return described.input_schema if described else None

    async def answer(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], *, request_id: str
    ) -> dict[str, Any]:
        """A tool's result as it travels."""
        return travelling(await self._call(caller, name, arguments, request_id))

    async def list_tools(self, context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        """The tools that the caller may use."""
        actor = caller_of(context).actor
        listed = [self._described[name] for name, tool in self._tools.items() if tool.listed_for(actor)]
        return ListToolsResult(tools=listed)

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """A tool's result."""
        return await self._call(caller_of(context), params.name, params.arguments or {}, request_id_of(context))

    async def _call(self, caller: Caller, name: str, arguments: Mapping[str, Any], request_id: str) -> CallToolResult:
        tool = self._tools.get(name)
        if tool is None:
            names = ", ".join(name for name, known in self._tools.items() if known.listed_for(caller.actor))
            unknown = NotFound(f"There is no such tool; there are {names}.", code="tool_unknown")
            return tool_refusal(unknown, request_id=request_id)
        return await tool.call(caller, arguments, request_id=request_id)

    async def list_resources(self, context: Context, _params: PaginatedRequestParams | None) -> ListResourcesResult:
        """What there is to read."""
        try:
            return ListResourcesResult(resources=await self._resources.listed(caller_of(context)))
        except AiWorkerError as error:
            raise protocol_error(error, request_id=request_id_of(context)) from error

    async def list_resource_templates(
        self, _context: Context, _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        """How what can be read is named."""
        return ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        """One of them."""
        try:
            return await self._resources.read(caller_of(context), str(params.uri))
        except AiWorkerError as error:
            raise protocol_error(error, request_id=request_id_of(context)) from error

    async def list_prompts(self, _context: Context, _params: PaginatedRequestParams | None) -> ListPromptsResult:
        """What a person may start with."""
        return ListPromptsResult(prompts=[_PROMPT])

    async def get_prompt(self, context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        """Its words."""
        try:
            return _prompt(params)
        except AiWorkerError as error:
            raise protocol_error(error, request_id=request_id_of(context)) from error


def make_server(handlers: Handlers, version: str) -> Server[Any]:
    """The server of `/mcp`, as the SDK has it."""
    return Server(
        "aiworker",
        title="AiWorker",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_resource_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
        get_tool_input_schema=handlers.input_schema,
    )


def _prompt(params: GetPromptRequestParams) -> GetPromptResult:
    if params.name != _PROMPT.name:
        raise NotFound(f"There is no such prompt; there is {_PROMPT.name}.", code="prompt_unknown")
    given = params.arguments or {}
    if set(given) - {"project"}:
        raise Invalid(f"{_PROMPT.name} takes one argument, project.", code="invalid")
    project = given.get("project")
    if project is not None:
        try:
            project = _PROJECT.validate_python(project)
        except ValidationError:
            raise Invalid("project: must be a project's id or key.", code="invalid") from None
    message = PromptMessage(role="user", content=TextContent(type="text", text=work_on_next_task(project)))
    return GetPromptResult(description=_PROMPT.description, messages=[message])
