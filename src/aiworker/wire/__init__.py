"""The types that travel: REST bodies, MCP results, events, the Worker protocol."""
