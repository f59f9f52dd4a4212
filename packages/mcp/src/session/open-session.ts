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
import { failureOf } from './failure-of.ts'
import type { Link, LinkedTransport, LinkOptions, Versions } from './link.ts'
import { NEVER_MS, Session } from './session.ts'
import { WatchedTransport } from './watched-transport.ts'

export type Prior = PriorDiscovery
export type ListKind = 'tools' | 'resources' | 'prompts'

/** A line of a server's own log. */
export interface ServerLog {
  readonly level: string
  readonly logger: string | undefined
  readonly data: unknown
}

/** What a server says without having been asked. */
export interface SessionEvents {
  readonly onListChanged: (kind: ListKind) => void
  readonly onResourceUpdated: (uri: string) => void
  readonly onLog: (line: ServerLog) => void
}

export type Elicit = (
  params: ElicitRequest['params'],
  context: { readonly signal: AbortSignal; readonly server: string | undefined },
) => Promise<ElicitResult>

export interface OpenSessionOptions {
  readonly link: Link
  readonly serverId: string
  readonly clientInfo: { readonly name: string; readonly version: string }
  readonly logger: Logger
  readonly clock: Clock
  readonly sign: LinkOptions['sign']
  readonly connectTimeoutMs: number
  readonly events: SessionEvents
  readonly elicit: Elicit | undefined
  /** What an earlier connection found out about the server's era. */
  readonly prior: Prior | undefined
  /** Ends the attempt. */
  readonly signal: AbortSignal
}

const LEGACY: Prior = { kind: 'legacy' }
const MODES: Readonly<Record<Versions, VersionNegotiationMode>> = {
  auto: 'auto',
  legacy: 'legacy',
  modern: { pin: '2026-07-28' },
}
/** Outputs are checked elsewhere: the SDK's own check would keep a tool with a broken schema from being called. */
const noOutputCheck: NonNullable<ClientOptions['jsonSchemaValidator']> = {
  getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
}

/**
 * Connects to a server in the newest revision that both speak. `connectTimeoutMs` covers all attempts together.
 * @throws ConnectorError always: nothing of a call has been sent yet
 */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  const { clock, connectTimeoutMs, serverId, signal } = options
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
    return await connectInAnyEra({ ...options, signal: ended.signal })
  } finally {
    cancelTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

async function connectInAnyEra(options: OpenSessionOptions): Promise<Session> {
  const { link, prior } = options
  try {
    return await connect(options, prior)
  } catch (error) {
    // The verdict is old, or the server was one that ends when it is asked what it does not know.
    const next = prior === undefined ? LEGACY : undefined
    const mayRetry = link.versions === 'auto' && (prior === undefined ? link.kind === 'stdio' : true)
    if (!mayRetry || !isAboutEra(error)) throw unsent(error, options)
    return connect(options, next).catch((again: unknown) => {
      throw unsent(again, options)
    })
  }
}

async function connect(options: OpenSessionOptions, prior: Prior | undefined): Promise<Session> {
  const { link, serverId, logger, clock, sign, signal } = options
  const refuse = { current: (_id: RequestId | undefined, _error: ConnectorError): void => undefined }
  const onRefusedAnswer: LinkOptions['onRefusedAnswer'] = (id, error) => {
    refuse.current(id, error)
  }
  const linked = await link.open({ serverId, logger, clock, sign, onRefusedAnswer })
  const transport = new WatchedTransport({
    transport: linked.transport,
    kind: link.kind,
    logger,
    brokenOff: () => new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} broke off before it had answered.`),
  })
  refuse.current = (id, error) => {
    transport.refuse(id, error)
  }
  const client = clientFor(options)
  // Whatever the SDK is at, it does not outlast its transport.
  const onAbort = () => {
    transport.close().catch(() => undefined)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  linked.hold()
  try {
    signal.throwIfAborted()
    await untilAborted(client.connect(transport, { timeout: NEVER_MS, ...(prior && { prior }) }), signal)
    return new Session({ client, linked, serverId, clock, secrets: link.secrets, hasHeaders: link.kind === 'http' })
  } catch (error) {
    await transport.close().catch(() => undefined)
    throw explained(error, linked, options)
  } finally {
    signal.removeEventListener('abort', onAbort)
    linked.release()
  }
}

function clientFor({ clientInfo, link, elicit, events, logger, connectTimeoutMs }: OpenSessionOptions): Client {
  // A program of the older revisions may ignore the question, and needs the rest of the time for the handshake.
  const probe = { timeoutMs: link.kind === 'stdio' ? connectTimeoutMs / 2 : NEVER_MS }
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: MODES[link.versions], probe },
    jsonSchemaValidator: noOutputCheck,
    capabilities: elicit === undefined ? {} : { elicitation: { form: { applyDefaults: true }, url: {} } },
  })
  client.onerror = (error) => {
    logger.debug({ error }, 'The connection to an MCP server had a hitch.')
  }
  if (elicit !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) =>
      elicit(params, { signal: mcpReq.signal, server: client.getServerVersion()?.name }),
    )
  }
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    events.onListChanged('tools')
  })
  client.setNotificationHandler('notifications/resources/list_changed', () => {
    events.onListChanged('resources')
  })
  client.setNotificationHandler('notifications/prompts/list_changed', () => {
    events.onListChanged('prompts')
  })
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    events.onResourceUpdated(params.uri)
  })
  client.setNotificationHandler('notifications/message', ({ params }) => {
    events.onLog({ level: params.level, logger: params.logger, data: params.data })
  })
  return client
}

/** Whether connecting failed over the revision, and not because nobody answered or let us in. */
function isAboutEra(error: unknown): boolean {
  if (ConnectorError.is(error)) return error.code === 'MCP_CLIENT_ERROR' || error.code === 'TOOL_NOT_SUPPORTED'
  return (
    SdkError.isInstance(error) && error.code === SdkErrorCode.EraNegotiationFailed && !ConnectorError.is(error.cause)
  )
}

function explained(error: unknown, linked: LinkedTransport, { serverId, link }: OpenSessionOptions): unknown {
  if (SdkError.isInstance(error) && error.code === SdkErrorCode.EraNegotiationFailed) return error
  const { error: failure } = failureOf(error, { serverId, modern: false, hadSession: false, secrets: link.secrets })
  return linked.explain(failure)
}

/** Whatever it was, no call has been sent. */
function unsent(error: unknown, { serverId, link }: OpenSessionOptions): ConnectorError {
  const { error: failure } = failureOf(error, { serverId, modern: false, hadSession: false, secrets: link.secrets })
  return failure.with({ outcome: 'not_processed' })
}
