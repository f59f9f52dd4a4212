/**
 * `@mcpclient/mcp`: any MCP server as a connector, over Streamable HTTP. Servers that are programs are in
 * `@mcpclient/mcp/stdio`.
 */
export { mcpServer } from './mcp-server.ts'
export type { HttpServerOptions } from './mcp-server.ts'
export type { ResultOptions, ServerOptions } from './server-options.ts'
export { mcpClientCredentials } from './auth/mcp-client-credentials.ts'
export { mcpEnterprise } from './auth/mcp-enterprise.ts'
export type { IdentityProvider, McpEnterpriseOptions } from './auth/mcp-enterprise.ts'
export { mcpOAuth } from './auth/mcp-oauth.ts'
export type { McpOAuthOptions } from './auth/mcp-oauth.ts'
export { mcpWorkloadIdentity } from './auth/mcp-workload-identity.ts'
export type { Knock, ProtectedServer, ServerAuth } from './auth/server-auth.ts'
export { McpServerClient } from './mcp-server-client.ts'
export type { McpCallOptions, McpInput, McpServerTypes } from './mcp-server-types.ts'
export type { AboutConnection, McpServerEvents } from './mcp-server-events.ts'
export type { ConnectionState } from './session/supervisor.ts'
export type { Versions } from './session/link.ts'
export type { McpProgress } from './session/session.ts'

export type { DriftPolicy } from './tools/catalog.ts'
export type { McpToolDescription, ToolAnnotations } from './tools/definition.ts'
export type { ToolRule, ToolRules } from './tools/effects.ts'
export type { ToolFilter } from './tools/tool-filter.ts'

export type { McpToolResult, OmittedPart } from './results/tool-result.ts'
export type { SizePolicy } from './results/size-policy.ts'
export type {
  ContentPart,
  EmbeddedPart,
  LinkPart,
  McpIcon,
  MediaPart,
  Meta,
  PartAnnotations,
  ResourceContents,
  TextPart,
} from './results/content-part.ts'
export type {
  McpCompletion,
  McpPrompt,
  McpPromptArgument,
  McpPromptMessages,
  McpResource,
  McpResourceTemplate,
} from './server-content.ts'

export type {
  CallUnderWay,
  ElicitAnswer,
  Elicitor,
  ElicitQuestion,
  FormQuestion,
  FormValue,
  QuestionContext,
  UrlQuestion,
} from './elicitation/question.ts'
