import pLimit from 'p-limit'
import type { Principal } from '../identity/principal.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { TimeoutPolicy } from '../pipeline/policies.ts'
import { cancelled } from '../resilience/lifetime.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { assertLimits } from '../resilience/call-limits.ts'
import type { ConnectorRuntime } from './connector-runtime.ts'
import type { ListToolsOptions, ToolList } from './mcp-client.ts'

/** Maximum number of connectors that list their tools at once. Each may have to start a server or connect to one. */
const MAX_CONCURRENT_LISTS = 8
/** Time after which listing yields to the event loop. */
const MAX_SLICE_MS = 10

export interface ListToolsContext {
  readonly runtimes: ReadonlyMap<string, ConnectorRuntime>
  readonly clock: Clock
  readonly timeouts: TimeoutPolicy
}

/** Lists the tools of every connector, a few at a time. A connector that fails or times out is in `failures`. */
export async function listTools(
  { runtimes, clock, timeouts }: ListToolsContext,
  principal: Principal,
  options: ListToolsOptions,
): Promise<ToolList> {
  assertLimits(options)
  const { signal, timeoutMs = timeouts.requestMs } = options
  const deadline = clock.monotonic() + Math.max(timeouts.callMs, timeoutMs)
  const limit = pLimit(MAX_CONCURRENT_LISTS)
  const pause = pauses()
  const list = async (serverId: string, runtime: ConnectorRuntime): Promise<ToolList> => {
    await pause()
    const limits = {
      options,
      limitMs: timeoutMs,
      deadline: Math.min(deadline, clock.monotonic() + timeoutMs),
    }
    try {
      const view = runtime.open(principal)
      const listing = Promise.resolve().then(() => view.listTools())
      const tools = await runtime.scope.lifetime.race(listing, limits, `the tools of ${serverId}`, undefined)
      const named = <Tool>(tool: Tool) => ({ ...tool, serverId })
      return { tools: tools.map(named), omitted: (view.omittedTools?.() ?? []).map(named), failures: [] }
    } catch (error) {
      return { tools: [], omitted: [], failures: [{ serverId, error: asError(error) }] }
    }
  }
  const lists = await Promise.all([...runtimes].map(([serverId, runtime]) => limit(list, serverId, runtime)))
  if (signal?.aborted) throw cancelled(signal)
  return {
    tools: lists.flatMap(({ tools }) => tools),
    omitted: lists.flatMap(({ omitted }) => omitted),
    failures: lists.flatMap(({ failures }) => failures),
  }
}

/** Returns a function that yields to the event loop after MAX_SLICE_MS of work. Uses real time, not the host's clock. */
function pauses(): () => Promise<void> {
  let startedAt = systemClock.monotonic()
  return async () => {
    if (systemClock.monotonic() - startedAt < MAX_SLICE_MS) return
    await new Promise<void>((resolve) => {
      systemClock.schedule(0, resolve)
    })
    startedAt = systemClock.monotonic()
  }
}

const asError = (error: unknown): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError('API_INTERNAL_ERROR', 'The tools could not be listed.', {}, { cause: error })
