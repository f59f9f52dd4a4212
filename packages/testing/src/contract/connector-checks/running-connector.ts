import { createMcpClient } from '@mcpclient/core'
import type {
  CallOptions,
  ConnectResult,
  Envelope,
  Logger,
  PolicyOptions,
  Profile,
  ToolDescription,
  Transport,
} from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock } from '../../fake-clock.ts'
import type { FakeClock } from '../../fake-clock.ts'
import { seededRandom } from '../../random.ts'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import { scriptedTransport } from '../../transports/scripted-transport.ts'
import type { Responder, ScriptedReply } from '../../transports/scripted-transport.ts'
import { BrokenPromise } from '../../broken-promise.ts'
import { TENANT, composed } from './composed-connector.ts'
import { CHECK } from './fixture.ts'
import type { Recording } from './fixture.ts'
import type { ContractSubject } from './subject.ts'

export interface RunningOptions {
  /** The provider's reply to each request of a tool. */
  readonly response: Responder
  readonly policies?: PolicyOptions | undefined
  /** Parts of the profile that a check has to be without, or to watch. */
  readonly profile?: Partial<Profile> | undefined
  readonly settings?: object | undefined
  /** Tenants that call; where the credential is a connection's, each is connected first. */
  readonly tenants?: readonly string[] | undefined
}

export interface SeenRequest extends RecordedRequest {
  /** The time at which it was sent, on the fake clock. */
  readonly at: number
}

/** The connector in a client of its own, with a provider that follows a script, on a clock that stands still. */
export interface RunningConnector {
  readonly clock: FakeClock
  /**
   * Lets time pass until the promise settles.
   * @throws {@link BrokenPromise} if it waits for nothing that this process could bring
   */
  readonly until: <Value>(promise: Promise<Value>) => Promise<Value>
  /** The requests that the provider received, without the checks of `connect`. */
  readonly requests: readonly SeenRequest[]
  /** Everything that was logged or emitted. */
  readonly said: readonly unknown[]
  call(recording: Recording, options?: CallOptions & { readonly tenant?: string }): Promise<unknown>
  /** Yields the pages of a paged tool. */
  pages(recording: Recording): AsyncIterable<unknown>
  /** Calls the tool through the untyped client. */
  handle(recording: Recording): Promise<Envelope>
  /** Returns the description of the tool for a caller of the untyped client. */
  describe(toolName: string): Promise<ToolDescription | undefined>
  close(): Promise<void>
}

/** Longer than any limit that a provider declares: the contract waits on a fake clock. */
const A_DAY_MS = 86_400_000
const EVENTS = [
  'call.finished',
  'request.retrying',
  'limit.blocked',
  'breaker.opened',
  'breaker.half_opened',
  'breaker.closed',
  'connection.connected',
  'connection.disconnected',
] as const

export async function runConnector(subject: ContractSubject, options: RunningOptions): Promise<RunningConnector> {
  const { factory } = subject
  const { tenants = [TENANT], policies } = options
  const serverId = factory.type
  const clock = createFakeClock()
  const said: unknown[] = []
  const requests: SeenRequest[] = []
  let connecting = false
  const until = <Value>(promise: Promise<Value>): Promise<Value> => clock.until(withWatchdog(promise))

  const provider = scriptedTransport(async (request, index) => {
    if (connecting) return checkResponse(subject)
    requests.push({ ...request, at: clock.monotonic() })
    return options.response(request, index)
  })
  const transport: Transport = { send: (request) => provider.send(request) }
  const { holders } = factory.profile.auth
  const byApp = holders.includes('app') && (tenants.length === 1 || !holders.includes('connection'))
  const connector = byApp ? composed(subject, options.settings) : factory(subject.options as never)
  const settings = { ...subject.settings, ...options.settings }
  const mcp = createMcpClient({
    connectors: {
      [serverId]: { ...connector, profile: { ...connector.profile, ...options.profile } },
    },
    vault: vault(),
    transport,
    clock,
    random: seededRandom(serverId),
    logger: listening(said),
    ...policies,
    limits: { maxWaitMs: A_DAY_MS, ...policies?.limits },
    timeouts: { callMs: A_DAY_MS, ...policies?.timeouts },
  })
  for (const event of EVENTS) mcp.on(event, (data) => said.push(data))

  if (!byApp && Object.keys(factory.profile.auth.fields).length > 0) {
    connecting = true
    for (const tenant of tenants) {
      const client = mcp.client(serverId, tenant) as unknown as Typed
      await until(client.connect(subject.credentialOf(tenant), { settings }))
    }
    connecting = false
  }

  return {
    clock,
    until,
    requests,
    said,
    call: ({ toolName, input }, { tenant = TENANT, ...callOptions } = {}) =>
      mcp.client(serverId, tenant).invoke(toolName, input, callOptions),
    pages: ({ toolName, input }) => (mcp.client(serverId, TENANT) as unknown as Typed).pages(toolName, input),
    handle: ({ toolName, input }) =>
      mcp.handle({ server_id: serverId, tool_name: toolName, tool_input: input }, TENANT),
    describe: async (toolName) =>
      (await mcp.client(serverId, TENANT).listTools()).find(({ name }) => name === toolName),
    close: () => mcp.close(),
  }
}

/** The members of `ConnectorClient` that the untyped client lacks. */
interface Typed {
  connect(credential: object, options: { readonly settings: object }): Promise<ConnectResult>
  pages(toolName: string, input: unknown): AsyncIterable<unknown>
}

/** Returns the fixture of the connection check, or an empty response. */
const checkResponse = ({ recordings }: ContractSubject): ScriptedReply =>
  recordings.find(({ toolName, tool, succeeds }) => toolName === CHECK && tool === undefined && succeeds)
    ?.responses[0] ?? {
    json: {},
  }

/** Milliseconds of real time, of which everything here takes next to none. Below a test runner's own limit. */
const NEVER_MS = 4000

/** Fails the check of a connector that never settles, instead of the test runner. */
function withWatchdog<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: never, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new BrokenPromise('The call never settles and waits for nothing that can happen.'))
  }, NEVER_MS)
  return Promise.race([promise, never]).finally(() => {
    clearTimeout(timer)
  })
}

function listening(said: unknown[]): Logger {
  const note = (fields: unknown, message: string) => {
    said.push({ fields, message })
  }
  return { debug: note, info: note, warn: note, error: note }
}

/** Runs the connector for one piece of work, and closes it whatever happens. */
export async function withRunning<Value>(
  subject: ContractSubject,
  options: RunningOptions,
  work: (running: RunningConnector) => Promise<Value>,
): Promise<Value> {
  const running = await runConnector(subject, options)
  try {
    return await work(running)
  } finally {
    await running.close()
  }
}

/** Runs with the settings of one recorded call and without declared limits, which would delay other requests. */
export const withUnlimited = <Value>(
  subject: ContractSubject,
  { settings }: Recording,
  options: RunningOptions,
  work: (running: RunningConnector) => Promise<Value>,
): Promise<Value> =>
  withRunning(subject, { ...options, settings, profile: { limits: undefined, ...options.profile } }, work)
