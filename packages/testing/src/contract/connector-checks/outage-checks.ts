import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ConnectorCheck } from './connector-check.ts'
import { hanging, playing } from './provider-script.ts'
import { representative } from './representative.ts'
import { withUnlimited } from './running-connector.ts'
import type { RunningConnector } from './running-connector.ts'
import { described, endingOf, failureIn, now } from './settle.ts'
import type { Ending } from './settle.ts'
import type { Call } from './subject.ts'

const PROBES = 2
const OPEN_MS = 10_000
const breaker = {
  minimumCalls: 4,
  failureRate: 0.5,
  windowMs: 10_000,
  openMs: OPEN_MS,
  maxOpenMs: 60_000,
  probes: PROBES,
}
/** The number of calls after which the breaker must be open. */
const MAX_FAILURES = 12
const PROBERS = 6

const CALLS = 300
const SECONDS = 10
/** Retries that are always allowed: 3 a second, counted in windows that may begin anywhere. */
const FREE_RETRIES = 3 * (SECONDS + 2)

export const outageChecks: readonly ConnectorCheck[] = [
  connectorCheck('matrix: a breaker opens, lets exactly its probes through, and closes', async (subject, report) => {
    const call = representative(subject, 'read')
    if (call === undefined) return notApplicable('there is no fixture of a tool that reads')
    let isDown = true
    let isSlow = false
    let recover = (): void => {}
    const recovered = new Promise<void>((resolve) => {
      recover = resolve
    })
    const good = playing(call)
    const options = {
      response: async (...asked: Parameters<typeof good>) => {
        if (isDown) return { status: 500, json: {} }
        if (isSlow) await recovered
        return good(...asked)
      },
      policies: { breaker, retry: { attempts: 1 } },
    }
    await withUnlimited(subject, call, options, async (running) => {
      const failures = await untilRefused(running, call)
      const refused = failures.at(-1)
      if (failureIn(refused)?.code !== 'CIRCUIT_OPEN') {
        return report(
          `${call.toolName}: after ${MAX_FAILURES} responses of 500 the breaker must be open; ${described(refused)}`,
        )
      }
      const retryAfterMs = failureIn(refused)?.details.retryAfterMs ?? 0
      if (!(retryAfterMs > 0 && retryAfterMs <= OPEN_MS)) {
        report(`${call.toolName}: an open breaker must set retryAfterMs; ${described(refused)}`)
      }
      const before = running.requests.length
      if (
        failureIn(await now(endingOf(running.call(call))))?.code !== 'CIRCUIT_OPEN' ||
        running.requests.length !== before
      ) {
        report(`${call.toolName}: an open breaker must reject immediately and send nothing.`)
      }

      isDown = false
      isSlow = true
      await running.clock.advance(OPEN_MS)
      const probing = Array.from({ length: PROBERS }, () => endingOf(running.call(call)))
      await running.clock.advance(0)
      const early = await Promise.all(probing.map((probe) => now(probe)))
      const turnedAway = early.filter((ending) => ending !== undefined).length
      const sent = running.requests.length - before
      if (sent !== PROBES || turnedAway !== PROBERS - PROBES) {
        report(
          `${call.toolName}: of ${PROBERS} calls exactly ${PROBES} must be sent as probes and the others refused at once; ` +
            `${sent} were sent and ${turnedAway} rejected.`,
        )
      }
      recover()
      isSlow = false
      await running.until(Promise.all(probing))
      const after = await running.until(endingOf(running.call(call)))
      if (!after.succeeded)
        report(`${call.toolName}: after successful probes the breaker must be closed; ${described(after)}`)
    })
    return undefined
  }),

  connectorCheck('matrix: retries do not make an outage worse', async (subject, report) => {
    const call = representative(subject, 'read')
    if (call === undefined) return notApplicable('there is no fixture of a tool that reads')
    const options = {
      response: playing(call, () => ({ status: 503, json: {} })),
      policies: { breaker: { minimumCalls: Number.MAX_SAFE_INTEGER } },
    }
    await withUnlimited(subject, call, options, async (running) => {
      const calls: Promise<Ending>[] = []
      for (let second = 0; second < SECONDS; second++) {
        for (let each = 0; each < CALLS / SECONDS; each++) calls.push(endingOf(running.call(call)))
        await running.clock.advance(1000)
      }
      const within = running.requests.filter(({ at }) => at < SECONDS * 1000).length
      const most = CALLS + Math.max(CALLS / 10, FREE_RETRIES)
      if (within > most) {
        report(
          `${call.toolName}: ${CALLS} calls in ${SECONDS} s against a failing provider sent ${within} requests; at most ${most} may be.`,
        )
      }
      await running.until(Promise.all(calls))
    })
    return undefined
  }),

  connectorCheck('matrix: closing the client ends every call, and no call leaves a timer', async (subject, report) => {
    const call = representative(subject, 'read') ?? representative(subject, 'unsafe write')
    if (call === undefined) return notApplicable('there is no fixture to call with')
    let isUp = true
    const options = { response: playing(call, () => (isUp ? undefined : hanging())) }
    await withUnlimited(subject, call, options, async (running) => {
      await running.until(endingOf(running.call(call)))
      if (running.clock.pending > 0) report(`${call.toolName}: a call that has ended leaves a timer behind.`)
      isUp = false
      const calling = endingOf(running.call(call))
      await running.clock.advance(0)
      await running.close()
      const ending = await now(calling)
      if (failureIn(ending)?.code !== 'CANCELLED') {
        report(`${call.toolName}: closing must end the call with CANCELLED; ${described(ending)}`)
      }
      if (running.clock.pending > 0) report(`${call.toolName}: closing leaves ${running.clock.pending} timers behind.`)
    })
    return undefined
  }),
]

async function untilRefused(running: RunningConnector, call: Call): Promise<readonly Ending[]> {
  const endings: Ending[] = []
  while (endings.length < MAX_FAILURES && failureIn(endings.at(-1))?.code !== 'CIRCUIT_OPEN') {
    endings.push(await running.until(endingOf(running.call(call))))
  }
  return endings
}
