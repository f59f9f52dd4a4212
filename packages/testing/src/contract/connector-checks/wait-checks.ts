import type { ConnectorError, Profile, Reply } from '@mcpclient/core'
import type { LimitScope } from '@mcpclient/core/define'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ConnectorCheck } from './connector-check.ts'
import { playing } from './provider-script.ts'
import type { Trouble } from './provider-script.ts'
import { concerning, failureOf, replyOf, representative } from './representative.ts'
import { withRunning, withUnlimited } from './running-connector.ts'
import type { RunningOptions } from './running-connector.ts'
import { described, endingOf, failureIn, now } from './settle.ts'
import type { Call, ContractSubject } from './subject.ts'

/** A way in which providers express how long to wait. */
interface Wording {
  readonly name: string
  readonly status: number
  readonly waitMs: number
  /** Undefined if this provider does not use it. */
  readonly headers: (nowMs: number, profile: Profile) => Readonly<Record<string, string>> | undefined
}

const WAIT_MS = 7000
const WAIT_S = WAIT_MS / 1000
/** Jitter may extend the delay of the provider, never shorten it. */
const MAX_EXTRA_MS = 2000

const retryAfter = (status: number): readonly Wording[] => [
  { name: `Retry-After in seconds, with ${status}`, ...plain(status, () => ({ 'retry-after': String(WAIT_S) })) },
  {
    name: `Retry-After as a date, with ${status}`,
    ...plain(status, (nowMs) => ({ 'retry-after': new Date(nowMs + WAIT_MS).toUTCString() })),
  },
  { name: `retry-after-ms, with ${status}`, ...plain(status, () => ({ 'retry-after-ms': String(WAIT_MS) })) },
]

function plain(status: number, headers: Wording['headers']): Omit<Wording, 'name'> {
  return { status, waitMs: WAIT_MS, headers }
}

type ResetForm = NonNullable<NonNullable<Profile['limitHeaders']>['reset']>

/** Returns a reset in the vendor's header if the profile's dialect has it or says nothing about it. */
const reset = (
  name: string,
  forms: readonly ResetForm[],
  written: (nowMs: number) => string,
  remaining = '0',
): Wording => ({
  name: `a vendor's reset as ${name}`,
  ...plain(429, (nowMs, { limitHeaders }) => {
    const names = limitHeaders?.headers
      ? limitHeaders.headers.find((each) => each.reset !== undefined)
      : { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset', form: undefined }
    if (names?.reset === undefined) return undefined
    const form = names.form ?? limitHeaders?.reset
    if (form !== undefined && !forms.includes(form)) return undefined
    return { ...(names.remaining !== undefined && { [names.remaining]: remaining }), [names.reset]: written(nowMs) }
  }),
})

const wordings: readonly Wording[] = [
  ...retryAfter(429),
  ...retryAfter(503),
  {
    name: 'the RateLimit field of the IETF',
    status: 429,
    waitMs: 3000,
    headers: () => ({ ratelimit: '"default";r=0;t=3' }),
  },
  reset('seconds since the epoch', ['epoch-seconds'], (nowMs) => String((nowMs + WAIT_MS) / 1000)),
  reset('milliseconds since the epoch', ['epoch-milliseconds'], (nowMs) => String(nowMs + WAIT_MS)),
  reset('seconds left', ['seconds'], () => String(WAIT_S)),
  reset('an ISO 8601 time', ['date'], (nowMs) => new Date(nowMs + WAIT_MS).toISOString()),
  reset('a duration of Go', ['duration'], () => `0m${WAIT_S}s`),
  reset('a list, of which one is used up', ['seconds'], () => `${WAIT_S}, 1419704`, '0, 14'),
]

/** RFC 9110, section 10.2.3: on a redirect, the time to wait before following it. */
const redirects = retryAfter(307)

export const waitChecks: readonly ConnectorCheck[] = [
  ...[...wordings, ...redirects].map((wording) =>
    connectorCheck(`matrix: ${wording.name}, is waited for, and no longer`, (subject, report) =>
      withRead(subject, async (call) => {
        const { profile } = subject.factory
        return withUnlimited(
          subject,
          call,
          troubled(call, wording, profile),
          async ({ clock, requests, until, call: make }) => {
            if (wording.headers(clock.now(), profile) === undefined) {
              return notApplicable('the profile declares another format for resets')
            }
            const ending = await until(endingOf(make(call)))
            const [first, second] = requests.filter(concerning(call))
            const waitedMs = (second?.at ?? 0) - (first?.at ?? 0)
            const expectedMs = expectedWait(wording, profile, clock.now())
            if (!ending.succeeded)
              report(`${call.toolName}: it must be sent again after the wait; ${described(ending)}`)
            else if (waitedMs < expectedMs || waitedMs > expectedMs + MAX_EXTRA_MS) {
              report(`${call.toolName}: it must be sent again after ${expectedMs} ms, and was after ${waitedMs} ms.`)
            }
            return undefined
          },
        )
      }),
    ),
  ),

  ...[429, 503, 307].map((status) =>
    connectorCheck(
      `matrix: a wait beyond the caller's deadline is refused at once, with ${status}`,
      (subject, report) =>
        withRead(subject, async (call) => {
          const { profile } = subject.factory
          const anHour: Wording = { name: '', status, waitMs: AN_HOUR_MS, headers: () => ({ 'retry-after': '3600' }) }
          if (expectedWait(anHour, profile, 0) < AN_HOUR_MS)
            return notApplicable('its errors say themselves how long to wait')
          return withUnlimited(
            subject,
            call,
            troubled(call, anHour, profile),
            async ({ clock, requests, until, call: make }) => {
              const startedAt = clock.monotonic()
              const calling = make(call, { timeoutMs: 10_000 })
              const ending = await until(endingOf(calling))
              const sent = requests.filter(concerning(call)).length
              if (failureIn(ending)?.details.retryAfterMs !== AN_HOUR_MS) {
                report(`${call.toolName}: it must fail and say retryAfterMs ${AN_HOUR_MS}; ${described(ending)}`)
              }
              if (clock.monotonic() !== startedAt) {
                report(`${call.toolName}: it must fail at once, and took ${clock.monotonic() - startedAt} ms.`)
              }
              if (sent !== 1) report(`${call.toolName}: the provider must be asked once, and was ${sent} times.`)
              return undefined
            },
          )
        }),
    ),
  ),

  connectorCheck('matrix: a call with Retry-After makes its siblings wait', (subject, report) =>
    withRead(subject, async (call) => {
      const { profile } = subject.factory
      const [wording] = retryAfter(429)
      if (wording === undefined) return undefined
      return withUnlimited(
        subject,
        call,
        troubled(call, wording, profile),
        async ({ clock, requests, until, call: make }) => {
          const first = endingOf(make(call))
          await clock.advance(0)
          const sibling = endingOf(make(call))
          const impatient = endingOf(make(call, { timeoutMs: WAIT_MS / 2 }))
          await clock.advance(expectedWait(wording, profile, clock.now()) - 1)
          if (requests.length > 1)
            report(`${call.toolName}: nothing must be sent before the wait is over, and a sibling was.`)
          const refused: ConnectorError | undefined = failureIn(await now(impatient))
          if (refused?.code !== 'MCP_RATE_LIMIT_EXCEEDED' || (refused.details.retryAfterMs ?? 0) <= 0) {
            report(`${call.toolName}: a sibling that cannot wait so long must be refused with retryAfterMs.`)
          }
          for (const ending of await until(Promise.all([first, sibling]))) {
            if (!ending.succeeded) report(`${call.toolName}: after the wait all must go well; ${described(ending)}`)
          }
          return undefined
        },
      )
    }),
  ),

  connectorCheck('matrix: a wait ends for every scope, for the app and for its tenants', (subject, report) =>
    withRead(subject, async (call) => {
      const { profile } = subject.factory
      const [wording] = retryAfter(429)
      if (wording === undefined) return
      // The calls of one tenant use the credential of the app, if there may be one.
      const callers = profile.auth.holders.includes('connection') ? [['ada'], ['ada', 'bob']] : [['ada']]
      for (const tenants of callers) {
        for (const scope of SCOPES) {
          const options = {
            ...troubled(call, wording, profile),
            settings: call.settings,
            tenants,
            profile: {
              limits: [...(profile.limits ?? []), ...SCOPES.map((each) => ({ scope: each, ...AMPLE }))],
              failure: (reply: Reply) =>
                reply.status < 400 ? undefined : { ...failureOf(profile, reply), blocks: scope },
            },
          }
          await withRunning(subject, options, async ({ clock, until, call: make }) => {
            const first = tenants.map((tenant) => endingOf(make(call, { tenant })))
            await clock.advance(0)
            const siblings = tenants.map((tenant) => endingOf(make(call, { tenant })))
            for (const ending of await until(Promise.all([...first, ...siblings]))) {
              if (!ending.succeeded) report(`${call.toolName}: after a wait of the ${scope}, ${described(ending)}`)
            }
          })
        }
      }
    }),
  ),
]

const SCOPES: readonly LimitScope[] = ['app', 'tenant', 'connection', 'method']
/** A limit that delays nothing. With one for each scope, every scope can wait. */
const AMPLE = { requests: 1000, perMs: 1000 }

const AN_HOUR_MS = 3_600_000

/** Returns one read for all tools, because the matrix is about the runtime and the profile. */
async function withRead<Value>(
  subject: ContractSubject,
  work: (call: Call) => Promise<Value>,
): Promise<Value | ReturnType<typeof notApplicable>> {
  const call = representative(subject, 'read')
  return call === undefined ? notApplicable('there is no fixture of a tool that reads') : work(call)
}

/** Returns a provider that replies once with `reply`, then as recorded. */
function troubled(call: Call, { status, headers }: Wording, profile: Profile): Pick<RunningOptions, 'response'> {
  const trouble: Trouble = ({ url }, number) => {
    if (number > 0) return undefined
    const location = status < 400 ? { location: url } : {}
    return { status, json: {}, headers: { ...headers(START_MS, profile), ...location } }
  }
  return { response: playing(call, trouble, concerning(call)) }
}

/** The start time of a fake clock. */
const START_MS = Date.UTC(2026, 0, 1)

/** Returns the delay that the profile reads, which takes precedence over the headers. */
const expectedWait = ({ status, waitMs, headers }: Wording, profile: Profile, nowMs: number): number =>
  failureOf(profile, replyOf(status, {}, headers(nowMs, profile)))?.retryAfterMs ?? waitMs
