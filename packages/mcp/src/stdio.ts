/** `@mcpclient/mcp/stdio`: an MCP server that is a program on this machine. Needs Node, or what stands in for it. */
export { mcpProcess } from './stdio/mcp-process.ts'
export type { ProcessServerOptions } from './stdio/mcp-process.ts'
