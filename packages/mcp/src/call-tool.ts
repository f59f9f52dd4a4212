import { ConnectorError, nearestNames } from '@mcpclient/core'
import type { Call, ErrorDetails, ExchangeContext, Logger } from '@mcpclient/core'
import type { McpInput } from './mcp-server-types.ts'
import { limitResult } from './results/size-policy.ts'
import { errorDataOf, errorTextOf, toolResultOf } from './results/tool-result.ts'
import type { McpToolResult, RawResult } from './results/tool-result.ts'
import { serverLines, serverText } from './server-text.ts'
import type { ServerSetup } from './server-setup.ts'
import type { Caller, Connection } from './session/connection.ts'
import type { RequestContext, Session } from './session/session.ts'

export interface ToolCall {
  readonly connection: Connection
  readonly setup: ServerSetup
  readonly caller: Caller
  readonly context: ExchangeContext
  readonly call: Call
  readonly input: McpInput
  readonly logger: Logger
}

/**
 * One `tools/call`, from the session to a result as the host wants it.
 * @throws ConnectorError TOOL_NOT_SUPPORTED where the server has no such tool; MCP_CLIENT_ERROR where the tool reports
 *   an error: an answer, not a failure of the connection, so it is neither repeated nor counted against the server
 */
export async function callTool(toolCall: ToolCall): Promise<McpToolResult> {
  const { connection, setup, caller, context } = toolCall
  return connection.use(context, caller, async (session, asked) => {
    if (setup.onDrift === 'block') await refuseDrifted(toolCall, session, asked)
    const raw = await send(toolCall, session, asked)
    if (raw.isError === true) throw await refusal(toolCall, raw, session, asked)
    const result = toolResultOf(raw)
    checkOutput(toolCall, session, result)
    return limitResult(result, setup.size)
  })
}

async function send({ connection, call, input }: ToolCall, session: Session, asked: RequestContext) {
  const { catalog } = connection
  const { toolName } = call
  try {
    return await session.callTool(toolName, input, catalog.find(toolName), asked)
  } catch (error) {
    if (session.wantsNewerDefinition(error)) {
      // The server refused the call unread, for want of a header that its newest definition asks for.
      await catalog.load(() => listTools(session, asked))
      return session.callTool(toolName, input, catalog.find(toolName), asked)
    }
    if (!isRpcError(error) || (await hasTool(connection, toolName, session, asked))) throw error
    throw noSuchTool(call, connection, error.message, error.details.outcome)
  }
}

/** Others may wait for the same list, so it does not end with the call that asked first. */
const listTools = (session: Session, asked: RequestContext) => session.listTools({ ...asked, signal: undefined })

/** With `onDrift: 'block'`, no tool is called before it has been compared with what it was. */
async function refuseDrifted({ connection, call }: ToolCall, session: Session, asked: RequestContext): Promise<void> {
  const { catalog } = connection
  if (!catalog.isFresh) await catalog.load(() => listTools(session, asked))
  if (!catalog.isBlocked(call.toolName)) return
  throw new ConnectorError('PERMISSION_DENIED', `${call.toolName} is not what it was when it was first seen.`, {
    outcome: 'not_processed',
    hint: 'Compare it with what people agreed to, then call acceptTools().',
  })
}

async function refusal(
  { connection, call, setup }: ToolCall,
  raw: RawResult,
  session: Session,
  asked: RequestContext,
): Promise<ConnectorError> {
  const { serverId, toolName } = call
  const text = errorTextOf(raw)
  const providerData = errorDataOf(raw, setup.link.secrets)
  const words = text === '' ? 'an error without a word.' : `an error: ${serverLines(text, setup.link.secrets)}`
  const message = `${serverId}.${toolName} answered ${words}`
  // It ran, and how far it came before it failed is its secret.
  const outcome = call.tool.effect === 'read' ? undefined : 'unknown'
  if (await hasTool(connection, toolName, session, asked))
    return new ConnectorError('MCP_CLIENT_ERROR', message, { outcome, providerData })
  // Many servers answer so to a tool that they do not have. But one that is only not listed may well have run.
  return noSuchTool(call, connection, message, outcome)
}

/** Whether the server lists the tool, as far as that can be found out. */
async function hasTool(
  connection: Connection,
  tool: string,
  session: Session,
  asked: RequestContext,
): Promise<boolean> {
  const { catalog } = connection
  if (catalog.find(tool) !== undefined) return true
  if (catalog.isFresh) return false
  // What can be said of the call does not hang on this: if the tools cannot be listed, the server's own words stand.
  return catalog
    .load(() => listTools(session, asked))
    .then(
      () => catalog.find(tool) !== undefined,
      () => true,
    )
}

function noSuchTool(
  { serverId, toolName }: Call,
  { catalog }: Connection,
  said: string,
  outcome: ErrorDetails['outcome'],
): ConnectorError {
  return new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} lists no tool named "${toolName}". ${said}`, {
    choices: nearestNames(
      toolName,
      catalog.tools.map(({ name }) => name),
    ),
    outcome,
  })
}

const isRpcError = (error: unknown): error is ConnectorError =>
  ConnectorError.is(error) && error.details.providerCode !== undefined

/** Output schemas whose unchecked parts were reported. */
const reported = new WeakSet<object>()

function checkOutput(
  { setup, connection, call, logger }: ToolCall,
  session: Session,
  { structured }: McpToolResult,
): void {
  const schema = connection.catalog.find(call.toolName)?.outputSchema
  if (setup.validate === 'ignore' || schema === undefined) return
  const { serverId, toolName } = call
  // In JSON, a null where a member may be absent is no value; a schema may still allow it as one.
  const { faults, unchecked } = session.judge(schema, structured ?? null)
  if (unchecked.length > 0 && !reported.has(schema)) {
    reported.add(schema)
    const said = unchecked.map((each) => serverText(each, setup.link.secrets, 200))
    logger.warn({ serverId, toolName, unchecked: said }, 'Part of an output schema was not checked.')
  }
  if (faults.length === 0) return
  const fault = structured === undefined ? 'there is no structured output' : faults.join('; ')
  const said = serverText(fault, setup.link.secrets, 500)
  if (setup.validate === 'warn') {
    logger.warn({ serverId, toolName, fault: said }, 'The output of a tool breaks its output schema.')
    return
  }
  throw new ConnectorError('DATA_TRANSFORMATION_ERROR', `${serverId}.${toolName} broke its output schema: ${said}`, {
    hint: "The tool ran. Report it to the server's author, or set results.validate to 'warn'.",
    outcome: call.tool.effect === 'read' ? undefined : 'unknown',
  })
}
