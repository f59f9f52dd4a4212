/**
 * `@mcpclient/mcp`: any MCP server as a connector, over Streamable HTTP. Servers that are programs are in
 * `@mcpclient/mcp/stdio`.
 */
export { mcpServer } from './mcp-server.ts'
export type { HttpServerOptions } from './mcp-server.ts'
export type { ResultOptions, ServerOptions } from './options.ts'
export { mcpClientCredentials } from './auth/mcp-client-credentials.ts'
export { mcpEnterprise } from './auth/mcp-enterprise.ts'
export type { IdentityProvider } from './auth/enterprise-protocol.ts'
export type { McpEnterpriseOptions } from './auth/mcp-enterprise.ts'
export { mcpOAuth } from './auth/mcp-oauth.ts'
export type { McpOAuthOptions } from './auth/mcp-oauth.ts'
export { mcpWorkloadIdentity } from './auth/mcp-workload-identity.ts'
export type { McpWorkloadIdentityOptions } from './auth/mcp-workload-identity.ts'
export type { ProbeResult, ProtectedServer, ServerAuth } from './auth/server-auth.ts'
export { McpServerClient } from './mcp-server-client.ts'
export type { McpCallOptions, McpInput, McpServerTypes } from './client/mcp-server-types.ts'
export type { AboutConnection, McpServerEvents, SessionState } from './session/server-events.ts'
export type { Versions } from './protocol/link.ts'
export type { McpProgress } from './protocol/protocol-client.ts'

export type { DriftPolicy } from './tools/catalog.ts'
export type { McpToolDescription, ToolAnnotations } from './tools/definition.ts'
export type { ToolFilter, ToolRule, ToolRules } from './tools/tool-rules.ts'

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
} from './results/resources-and-prompts.ts'

export type {
  ElicitResponse,
  Elicitor,
  ElicitQuestion,
  FormQuestion,
  FormValue,
  PendingCall,
  QuestionContext,
  UrlQuestion,
} from './elicitation/question.ts'
