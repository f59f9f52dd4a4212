import type { Profile } from '@mcpclient/core'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ConnectorCheck } from './connector-check.ts'
import { atFirst, hanging, neverEnding, playing } from './provider-script.ts'
import type { Trouble } from './provider-script.ts'
import { representative } from './representative.ts'
import { withUnlimited } from './running-connector.ts'
import type { RunningConnector } from './running-connector.ts'
import { described, endingOf, failureIn, now } from './settle.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

interface State {
  readonly name: string
  /** The behavior of the provider that brings the call to this point. */
  readonly trouble?: () => Trouble
  readonly profile?: Partial<Profile>
  /** Another call in flight that delays this one. */
  readonly ahead?: boolean
  /** Requests that the provider has seen when the call is aborted, and must not see more of. */
  readonly sent: number
}

const states: readonly State[] = [
  { name: 'before it starts', sent: 0 },
  { name: 'in flight', trouble: () => hanging, sent: 1 },
  { name: 'while its response is read', trouble: () => neverEnding, sent: 1 },
  { name: 'while it backs off', trouble: () => atFirst({ status: 503, json: {} }), sent: 1 },
  {
    name: 'while the provider makes it wait',
    trouble: () => atFirst({ status: 429, json: {}, headers: { 'retry-after': '30' } }),
    sent: 1,
  },
  {
    name: 'while a sibling waits for a rate limit',
    trouble: () => atFirst({ status: 429, json: {}, headers: { 'retry-after': '30' } }),
    ahead: true,
    sent: 1,
  },
  {
    name: 'while it queues for a turn',
    trouble: () => hanging,
    profile: { limits: [{ scope: 'connection', concurrent: 1 }] },
    ahead: true,
    sent: 1,
  },
]

export const abortChecks: readonly ConnectorCheck[] = states.map((state) =>
  connectorCheck(`matrix: a call that is aborted ${state.name} ends at once`, async (subject, report) => {
    const calls = [representative(subject, 'read'), representative(subject, 'unsafe write')].filter(
      (call) => call !== undefined,
    )
    const [any] = successes(subject)
    if (any === undefined) return notApplicable('there is no fixture to call with')
    for (const call of calls.length > 0 ? calls : [any]) {
      // A write is not sent again, so it never backs off or waits for itself.
      if (call.tool.effect !== 'read' && state.trouble !== undefined && !state.ahead && isRetry(state)) continue
      await abort(subject, call, state, report)
    }
    return undefined
  }),
)

const isRetry = ({ name }: State): boolean => /backs off|makes it wait/.test(name)

async function abort(
  subject: ContractSubject,
  call: Call,
  state: State,
  report: (sentence: string) => void,
): Promise<void> {
  const options = { response: playing(call, state.trouble?.()), profile: state.profile }
  await withUnlimited(subject, call, options, async (running) => {
    const controller = new AbortController()
    const reason = new Error('The reader has left.')
    const others: Promise<unknown>[] = []
    if (state.ahead === true) {
      others.push(endingOf(running.call(call)))
      await running.clock.advance(0)
    }
    if (state.sent === 0) controller.abort(reason)
    const calling = endingOf(running.call(call, { signal: controller.signal }))
    if (state.sent > 0) {
      // Runs everything that needs no time, so that the call reaches its point.
      await running.clock.advance(0)
      const early = await now(calling)
      if (early !== undefined) {
        report(
          `${call.toolName}: it should still be under way when it is aborted ${state.name}, and had ended: ${described(early)}`,
        )
        return
      }
      controller.abort(reason)
    }
    const ending = await now(calling)
    if (failureIn(ending)?.code !== 'CANCELLED') {
      report(
        `${call.toolName}: aborted ${state.name}, it must fail with CANCELLED before anything else happens; ${described(ending)}`,
      )
    }
    examineRest(running, call, state, report)
    await running.close()
    await Promise.all(others)
  })
}

function examineRest(
  { requests }: RunningConnector,
  call: Call,
  state: State,
  report: (sentence: string) => void,
): void {
  if (requests.length !== state.sent) {
    report(
      `${call.toolName}: aborted ${state.name}, the provider must have seen ${state.sent} requests, and saw ${requests.length}.`,
    )
  }
}
