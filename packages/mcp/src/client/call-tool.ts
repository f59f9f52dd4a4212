import { ConnectorError, nearestNames } from '@mcpclient/core'
import type { Call, ErrorDetails, ExchangeContext, Logger } from '@mcpclient/core'
import { serverLines, serverText } from '../failures/server-words.ts'
import type { ProtocolClient, RequestContext } from '../protocol/protocol-client.ts'
import { limitResult } from '../results/size-policy.ts'
import { errorDataOf, errorTextOf, toolResultOf } from '../results/tool-result.ts'
import type { McpToolResult, RawResult } from '../results/tool-result.ts'
import type { ServerContext } from '../session/server-context.ts'
import type { Caller, ServerSession } from '../session/server-session.ts'
import type { McpInput } from './mcp-server-types.ts'

export interface ToolCall {
  readonly session: ServerSession
  readonly server: ServerContext
  readonly caller: Caller
  readonly exchange: ExchangeContext
  readonly call: Call
  readonly input: McpInput
  readonly logger: Logger
}

/** A tool call with the connection that it uses. */
interface SentCall extends ToolCall {
  readonly client: ProtocolClient
  readonly request: RequestContext
}

/**
 * Returns the input of a tool call, or an empty object if there is none.
 * @throws ConnectorError INVALID_INPUT if it is not an object
 */
export function toolInput({ input, toolName }: Call): McpInput {
  if (input === undefined || input === null) return {}
  if (typeof input === 'object' && !Array.isArray(input)) return input as McpInput
  throw new ConnectorError('INVALID_INPUT', `The input of ${toolName} is not an object.`, { outcome: 'not_processed' })
}

/**
 * Sends `tools/call` and returns the result as the host configured it.
 * @throws ConnectorError TOOL_NOT_SUPPORTED if the server has no such tool; MCP_CLIENT_ERROR if the tool reports an error,
 *   which is neither retried nor counted by the breaker
 */
export async function callTool(toolCall: ToolCall): Promise<McpToolResult> {
  const { session, server, caller, exchange } = toolCall
  return session.use(exchange, caller, async (client, request) => {
    const sent: SentCall = { ...toolCall, client, request }
    if (server.onDrift === 'block') await refuseDrifted(sent)
    const raw = await send(sent)
    if (raw.isError === true) throw await toolError(sent, raw)
    const result = toolResultOf(raw)
    checkOutput(sent, result)
    return limitResult(result, server.size)
  })
}

async function send(sent: SentCall) {
  const { session, client, request, call, input } = sent
  const { catalog } = session
  const { toolName } = call
  try {
    return await client.callTool(toolName, input, catalog.find(toolName), request)
  } catch (error) {
    if (client.wantsNewerDefinition(error)) {
      // The server refused the call unread, because a header of the tool's newest definition was missing.
      await listTools(sent)
      return client.callTool(toolName, input, catalog.find(toolName), request)
    }
    if (!isRpcError(error) || (await hasTool(sent))) throw error
    throw noSuchTool(sent, error.message, error.details.outcome)
  }
}

/** Lists the tools without the call's signal, because other calls may wait for the same list. */
const listTools = ({ session, client, request }: SentCall) =>
  session.catalog.load(() => client.listTools({ ...request, signal: undefined }))

/** With `onDrift: 'block'`, no tool is called before it was compared with its first definition. */
async function refuseDrifted(sent: SentCall): Promise<void> {
  const { session, call } = sent
  if (!session.catalog.isFresh) await listTools(sent)
  if (!session.catalog.isBlocked(call.toolName)) return
  throw new ConnectorError('PERMISSION_DENIED', `${call.toolName} changed after it was first seen.`, {
    outcome: 'not_processed',
    hint: 'Compare it with the definition that was approved, then call acceptTools().',
  })
}

async function toolError(sent: SentCall, raw: RawResult): Promise<ConnectorError> {
  const { serverId, toolName, tool } = sent.call
  const { secrets } = sent.server.link
  const text = errorTextOf(raw)
  const words = text === '' ? 'an error without a message.' : `an error: ${serverLines(text, secrets)}`
  const message = `${serverId}.${toolName} returned ${words}`
  // The tool ran, and may have had an effect before it failed.
  const outcome = tool.effect === 'read' ? undefined : 'unknown'
  if (await hasTool(sent)) {
    return new ConnectorError('MCP_CLIENT_ERROR', message, { outcome, providerData: errorDataOf(raw, secrets) })
  }
  // Many servers return this for an unknown tool. A tool that is only not listed may have run.
  return noSuchTool(sent, message, outcome)
}

/** Returns whether the server lists the tool, or true if listing fails: the server's own error is better then. */
async function hasTool(sent: SentCall): Promise<boolean> {
  const { catalog } = sent.session
  const { toolName } = sent.call
  if (catalog.find(toolName) !== undefined) return true
  if (catalog.isFresh) return false
  return listTools(sent).then(
    () => catalog.find(toolName) !== undefined,
    () => true,
  )
}

function noSuchTool({ call, session }: SentCall, said: string, outcome: ErrorDetails['outcome']): ConnectorError {
  const { serverId, toolName } = call
  const names = session.catalog.tools.map(({ name }) => name)
  return new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} lists no tool named "${toolName}". ${said}`, {
    choices: nearestNames(toolName, names),
    outcome,
  })
}

const isRpcError = (error: unknown): error is ConnectorError =>
  ConnectorError.is(error) && error.details.providerCode !== undefined

/** Output schemas whose unchecked parts were logged. */
const logged = new WeakSet<object>()

function checkOutput({ server, session, client, call, logger }: SentCall, { structured }: McpToolResult): void {
  const schema = session.catalog.find(call.toolName)?.outputSchema
  if (server.validate === 'ignore' || schema === undefined) return
  const { serverId, toolName } = call
  const { secrets } = server.link
  // Absent output is validated as null, which a schema may allow.
  const { faults, unchecked } = client.validate(schema, structured ?? null)
  if (unchecked.length > 0 && !logged.has(schema)) {
    logged.add(schema)
    const shown = unchecked.map((each) => serverText(each, secrets, 200))
    logger.warn({ serverId, toolName, unchecked: shown }, 'Part of an output schema was not checked.')
  }
  if (faults.length === 0) return
  const fault = structured === undefined ? 'there is no structured output' : faults.join('; ')
  const shown = serverText(fault, secrets, 500)
  if (server.validate === 'warn') {
    logger.warn({ serverId, toolName, fault: shown }, 'The output of a tool does not match its output schema.')
    return
  }
  throw new ConnectorError(
    'DATA_TRANSFORMATION_ERROR',
    `${serverId}.${toolName} returned output that does not match its schema: ${shown}`,
    {
      hint: "The tool ran. Report it to the server's author, or set results.validate to 'warn'.",
      outcome: call.tool.effect === 'read' ? undefined : 'unknown',
    },
  )
}
