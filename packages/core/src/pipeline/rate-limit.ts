import type { Attempt } from './call.ts'
import { blockedScope } from '../connector/limit.ts'
import type { DeclaredLimit, LimitScope } from '../connector/limit.ts'
import { valueAt } from '../connector/reply.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Barrier } from '../resilience/barrier.ts'
import { Blocks } from '../resilience/blocks.ts'
import { Concurrency } from '../resilience/concurrency.ts'
import { Gate } from '../resilience/gate.ts'
import type { Pass } from '../resilience/gate.ts'
import { Gcra, checkRateLimit } from '../resilience/gcra.ts'
import type { Clock } from '../ports/clock.ts'
import { storeKey } from '../ports/store.ts'
import { aboutAttempt, timeLeft } from './call.ts'
import { withCancelled } from '../resilience/lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'

/** Maximum time of a block: one day. Then requests are sent again. */
const MAX_BLOCK_MS = 24 * 3_600_000

/** Adds the barriers that an attempt waits at, for one declared limit. */
type AddBarriers = (attempt: Attempt, barriers: Barrier[]) => void

/**
 * Delays requests to comply with the limits that the profile declares, and with the waits that the provider requires in a
 * 429. After such a wait, requests start slowly. Tenants take turns at a limit that they share.
 */
export const rateLimit: StageFor<RequestStage> = (scope) => {
  const { profile, clock, policies, lifetime, emit, logger } = scope
  const gate = new Gate({ clock })
  const { whenLimited, maxWaitMs } = policies.limits
  const isWaiting = whenLimited === 'wait' && maxWaitMs > 0
  const blocks = new Blocks({ clock, startsSlowly: isWaiting })
  const limits = profile.limits ?? []
  const declared = limits.map((limit, index) => barriersOf(limit, `${index}`, clock))
  const countsInFlight = limits.some(({ concurrent }) => concurrent !== undefined)
  /** The scopes of the declared limits, and those that the provider has blocked. */
  const blockable = new Set<LimitScope>(limits.length === 0 ? ['connection'] : limits.map(({ scope: by }) => by))
  lifetime.add((reason) => gate.close(reason))

  const barriersFor = (attempt: Attempt): Barrier[] => {
    const barriers: Barrier[] = []
    for (const add of declared) add(attempt, barriers)
    // A call that waits for a limit must also wait for a block that is set meanwhile.
    for (const by of blockable) barriers.push(blocks.barrier(keyOf(by, attempt)))
    return barriers
  }

  /** Blocks the scope that the provider asks to wait. Returns whether a limit refused the request. */
  const learn = (attempt: Attempt, error: unknown): boolean => {
    if (!ConnectorError.is(error) || error.code !== 'MCP_RATE_LIMIT_EXCEEDED') return false
    const forMs = Math.min(error.details.retryAfterMs ?? 0, MAX_BLOCK_MS)
    if (!(forMs > 0)) return true
    const by = attempt.blocks ?? blockedScope(limits, attempt.call.toolName)
    blockable.add(by)
    blocks.block(keyOf(by, attempt), clock.monotonic() + forMs)
    emit('limit.blocked', () => ({ ...aboutAttempt(attempt), scope: by, forMs }))
    logger.info({ event: 'limit.blocked', ...aboutAttempt(attempt), scope: by, forMs }, 'The provider asks to wait.')
    return true
  }

  return (next) => {
    const send = (attempt: Attempt) =>
      next(attempt).catch((error: unknown) => {
        learn(attempt, error)
        throw error
      })
    const sendAndLeave = (attempt: Attempt, pass: Pass): Promise<Reply> => {
      let reply: Promise<Reply>
      try {
        reply = next(attempt)
      } catch (error) {
        // A stage of the host that throws instead of rejecting must not occupy a slot forever.
        gate.leave(pass)
        throw error
      }
      return reply.then(
        (received) => {
          gate.leave(pass)
          return received
        },
        (error: unknown) => {
          // The block precedes the call that takes its place.
          const isRefused = learn(attempt, error)
          gate.leave(pass, !isRefused)
          throw error
        },
      )
    }
    return (attempt) => {
      attempt.onStreamFailure?.add(learn)
      if (declared.length === 0 && blocks.size === 0) return send(attempt)
      const barriers = barriersFor(attempt)
      if (barriers.length === 0) return send(attempt)
      const { call } = attempt
      const pass: Pass = {
        tenant: call.principal.tenant,
        barriers,
        maxWaitMs: isWaiting ? Math.max(0, Math.min(maxWaitMs, timeLeft(call, clock))) : 0,
        isBackground: call.options.priority === 'background',
        signal: call.options.signal,
      }
      const entering = gate.enter(pass)
      if (entering !== undefined) {
        return entering.then(
          () => sendAndLeave(attempt, pass),
          (error: unknown) => {
            throw withCancelled(error, pass.signal)
          },
        )
      }
      return countsInFlight || blocks.size > 0 ? sendAndLeave(attempt, pass) : send(attempt)
    }
  }
}

/** Returns the key that all attempts with the same limit share. */
function keyOf(by: LimitScope, { call }: Attempt): string {
  // Distinct from every connection: a call that waits twice for one key would never end.
  if (by === 'app') return ''
  if (by === 'tenant') return storeKey(call.serverId, call.principal.tenant)
  return by === 'connection' ? call.connection.key : `${call.connection.key} ${call.toolName}`
}

/** Returns a function that adds the barriers of a declared limit: of its rate, its concurrent requests, or both. */
function barriersOf(limit: DeclaredLimit, room: string, clock: Clock): AddBarriers {
  const { name = '', scope, per, tools, requests, perMs, burst, concurrent } = limit
  const appliesTo = tools && new Set(tools)
  const rate = requests !== undefined && perMs !== undefined ? { requests, perMs, burst } : undefined
  if (rate) checkRateLimit(rate)
  const buckets = rate && new Gcra({ clock, name: room })
  const inFlight = concurrent === undefined ? undefined : new Concurrency({ clock, name: room })
  return (attempt, barriers) => {
    const { call, request } = attempt
    if (appliesTo?.has(call.toolName) === false) return
    let key = keyOf(scope, attempt)
    if (per !== undefined) {
      const value = valueAt(call.input, per)
      if (value === undefined) return
      key += ` ${JSON.stringify(value)}`
    }
    const { cost = 1 } = request
    const taken = typeof cost === 'number' ? cost : (cost[name] ?? 1)
    if (buckets && rate && taken > 0) barriers.push(buckets.barrier(key, rate, taken))
    if (inFlight && concurrent !== undefined) barriers.push(inFlight.barrier(key, concurrent))
  }
}
