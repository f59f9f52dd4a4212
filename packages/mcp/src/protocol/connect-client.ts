import { Client, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type {
  ClientOptions,
  ElicitRequest,
  ElicitResult,
  PriorDiscovery,
  RequestId,
  VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { ConnectorError, untilAborted } from '@mcpclient/core'
import type { Clock, Logger } from '@mcpclient/core'
import { failureOf } from '../failures/sdk-failure.ts'
import type { Link, LinkContext, LinkedTransport, Versions } from './link.ts'
import { NEVER_MS, ProtocolClient } from './protocol-client.ts'
import { WatchedTransport } from './watched-transport.ts'

/** The result of an earlier connection about a server's revision. */
export type Prior = PriorDiscovery
export type ListKind = 'tools' | 'resources' | 'prompts'

/** A line of a server's own log. */
export interface ServerLog {
  readonly level: string
  readonly logger: string | undefined
  readonly data: unknown
}

/** Handlers of a server's notifications. */
export interface NotificationHandlers {
  readonly onListChanged: (kind: ListKind) => void
  readonly onResourceUpdated: (uri: string) => void
  readonly onLog: (line: ServerLog) => void
}

export type Elicit = (
  params: ElicitRequest['params'],
  context: { readonly signal: AbortSignal; readonly server: string | undefined },
) => Promise<ElicitResult>

export interface ConnectContext {
  readonly link: Link
  readonly serverId: string
  readonly clientInfo: { readonly name: string; readonly version: string }
  readonly logger: Logger
  readonly clock: Clock
  readonly sign: LinkContext['sign']
  readonly connectTimeoutMs: number
  readonly notifications: NotificationHandlers
  readonly elicit: Elicit | undefined
  readonly prior: Prior | undefined
  /** Aborts the attempt. */
  readonly signal: AbortSignal
}

const LEGACY: Prior = { kind: 'legacy' }
const MODES: Readonly<Record<Versions, VersionNegotiationMode>> = {
  auto: 'auto',
  legacy: 'legacy',
  modern: { pin: '2026-07-28' },
}
/** Outputs are checked elsewhere. The SDK's own check would keep a tool with a broken schema from being called. */
const noOutputCheck: NonNullable<ClientOptions['jsonSchemaValidator']> = {
  getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
}

/**
 * Connects to a server in the newest revision that both sides speak. `connectTimeoutMs` covers all attempts together.
 * @throws ConnectorError always with the outcome `not_processed`: no part of a call has been sent
 */
export async function connectClient(context: ConnectContext): Promise<ProtocolClient> {
  const { clock, connectTimeoutMs, serverId, signal } = context
  const ended = new AbortController()
  const cancelTimer = clock.schedule(connectTimeoutMs, () => {
    ended.abort(
      new ConnectorError('TIMEOUT', `${serverId} did not complete the MCP handshake within ${connectTimeoutMs} ms.`, {
        outcome: 'not_processed',
        reason: 'connect_timeout',
      }),
    )
  })
  const onAbort = () => {
    ended.abort(signal.reason)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await connectInAnyRevision({ ...context, signal: ended.signal })
  } finally {
    cancelTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

async function connectInAnyRevision(context: ConnectContext): Promise<ProtocolClient> {
  const { link, prior } = context
  try {
    return await connect(context, prior)
  } catch (error) {
    // Either the cached revision is outdated, or the server exits when it receives a method that it does not know.
    const next = prior === undefined ? LEGACY : undefined
    const mayRetry = link.versions === 'auto' && (prior === undefined ? link.kind === 'stdio' : true)
    if (!mayRetry || !isAboutRevision(error)) throw unsent(error, context)
    return connect(context, next).catch((again: unknown) => {
      throw unsent(again, context)
    })
  }
}

async function connect(context: ConnectContext, prior: Prior | undefined): Promise<ProtocolClient> {
  const { link, serverId, logger, clock, sign, signal } = context
  const refuse = { current: (_id: RequestId | undefined, _error: ConnectorError): void => undefined }
  const onRefusedResponse: LinkContext['onRefusedResponse'] = (id, error) => {
    refuse.current(id, error)
  }
  const linked = await link.open({ serverId, logger, clock, sign, onRefusedResponse })
  const transport = new WatchedTransport({
    transport: linked.transport,
    kind: link.kind,
    logger,
    brokenOff: () => new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} closed the stream before it responded.`),
  })
  refuse.current = (id, error) => {
    transport.refuse(id, error)
  }
  const client = createClient(context)
  // Closing the transport ends whatever the SDK is doing.
  const onAbort = () => {
    transport.close().catch(() => undefined)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  linked.ref()
  try {
    signal.throwIfAborted()
    await untilAborted(client.connect(transport, { timeout: NEVER_MS, ...(prior && { prior }) }), signal)
    const hasHeaders = link.kind === 'http'
    return new ProtocolClient({ client, linked, serverId, clock, secrets: link.secrets, hasHeaders })
  } catch (error) {
    await transport.close().catch(() => undefined)
    throw explained(error, linked, context)
  } finally {
    signal.removeEventListener('abort', onAbort)
    linked.unref()
  }
}

function createClient({ clientInfo, link, elicit, notifications, logger, connectTimeoutMs }: ConnectContext): Client {
  // A legacy program may ignore the probe, and the handshake needs the rest of the time.
  const probe = { timeoutMs: link.kind === 'stdio' ? connectTimeoutMs / 2 : NEVER_MS }
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: MODES[link.versions], probe },
    jsonSchemaValidator: noOutputCheck,
    capabilities: elicit === undefined ? {} : { elicitation: { form: { applyDefaults: true }, url: {} } },
  })
  client.onerror = (error) => {
    logger.debug({ error }, 'The connection to an MCP server reported an error.')
  }
  if (elicit !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) =>
      elicit(params, { signal: mcpReq.signal, server: client.getServerVersion()?.name }),
    )
  }
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    notifications.onListChanged('tools')
  })
  client.setNotificationHandler('notifications/resources/list_changed', () => {
    notifications.onListChanged('resources')
  })
  client.setNotificationHandler('notifications/prompts/list_changed', () => {
    notifications.onListChanged('prompts')
  })
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    notifications.onResourceUpdated(params.uri)
  })
  client.setNotificationHandler('notifications/message', ({ params }) => {
    notifications.onLog({ level: params.level, logger: params.logger, data: params.data })
  })
  return client
}

/** Returns whether connecting failed because of the revision, not because of the network or the credential. */
function isAboutRevision(error: unknown): boolean {
  if (ConnectorError.is(error)) return error.code === 'MCP_CLIENT_ERROR' || error.code === 'TOOL_NOT_SUPPORTED'
  return (
    SdkError.isInstance(error) && error.code === SdkErrorCode.EraNegotiationFailed && !ConnectorError.is(error.cause)
  )
}

function explained(error: unknown, linked: LinkedTransport, { serverId, link }: ConnectContext): unknown {
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.EraNegotiationFailed) return error
  const { error: failure } = failureOf(error, { serverId, modern: false, hadSession: false, secrets: link.secrets })
  return linked.explain(failure)
}

function unsent(error: unknown, { serverId, link }: ConnectContext): ConnectorError {
  const { error: failure } = failureOf(error, { serverId, modern: false, hadSession: false, secrets: link.secrets })
  return failure.with({ outcome: 'not_processed' })
}
