import type { McpInput } from '@mcpclient/mcp'

/** The input of a scenario for its client. */
export interface ScenarioContext {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments?: McpInput }[]
  readonly client_id?: string
  readonly client_secret?: string
  readonly private_key_pem?: string
  readonly idp_client_id?: string
  readonly idp_id_token?: string
  readonly idp_token_endpoint?: string
  readonly valid_jwt?: string
}

export const contextOf = ({ MCP_CONFORMANCE_CONTEXT = '{}' }: NodeJS.ProcessEnv): ScenarioContext =>
  JSON.parse(MCP_CONFORMANCE_CONTEXT) as ScenarioContext
