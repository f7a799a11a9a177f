/** What to type so that Claude Code takes tasks of the server that this page came from. */
export function connectCommand(): string {
  const key = '$(aiworker key create --name claude --scope agent)';
  return `claude mcp add --transport http aiworker ${location.origin}/mcp --header "Authorization: Bearer ${key}"`;
}
