import { codes, TransportError } from '@mcpclient/core'
import type { ConnectorError, ErrorCode, Outcome } from '@mcpclient/core'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { connectorCheck } from './connector-check.ts'
import type { ConnectorCheck, Report } from './connector-check.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { difference, excerpt, jsonForm } from './json-form.ts'
import { brokenOff, playing } from './provider-script.ts'
import { failureOf, kindOf, provesNothingHappened, replyOf, takesAnything } from './representative.ts'
import { TENANT } from './composed-connector.ts'
import { withUnlimited } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import { oneEach, secretsOf } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'
import { spells } from './spells.ts'

interface Scenario {
  readonly name: string
  /** The reply to every request. It is a function if a response can be read only once. */
  readonly reply: ScriptedReply | (() => ScriptedReply)
  /** Any of these is correct. */
  readonly codes: readonly ErrorCode[]
  /** The codes for a write that must not be sent twice. */
  readonly unsafeCodes?: readonly ErrorCode[]
  /** The outcomes that a write may report. If the profile proves it, a write may always report that nothing happened. */
  readonly outcome: Outcome
  /** Whether waiting can help; false if the outcome is unknown, absent if it depends on the code. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  /** Tools that accept any text or bytes accept this body. */
  readonly body?: 'malformed' | 'empty'
  /** The reply to a streaming tool. Without it, the scenario is skipped for streaming tools. */
  readonly stream?: ScriptedReply
}

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>'
const html = { 'content-type': 'text/html; charset=utf-8' }
const json = { 'content-type': 'application/json' }

const scenarios: readonly Scenario[] = [
  refusal(401, ['MCP_AUTHENTICATION_FAILURE']),
  refusal(403, ['MCP_CLIENT_ERROR', 'PERMISSION_DENIED', 'MCP_AUTHENTICATION_FAILURE']),
  refusal(404, ['MCP_CLIENT_ERROR']),
  refusal(409, ['MCP_CLIENT_ERROR']),
  {
    name: '429 with Retry-After',
    reply: { status: 429, json: {}, headers: { 'retry-after': '7' } },
    codes: ['MCP_RATE_LIMIT_EXCEEDED'],
    outcome: 'not_processed',
    retryable: true,
    retryAfterMs: 7000,
  },
  failing('500', { status: 500, json: {} }),
  failing('503', { status: 503, json: {} }),
  failing('a web page with 502', { status: 502, headers: html, text: PAGE }),
  { ...unreadable('malformed JSON', { headers: json, text: '{"ok": tru' }), stream: { events: ['{"ok": tru'] } },
  unreadable('a web page in place of JSON', { headers: html, text: PAGE }),
  unreadable('a truncated body', { headers: json, text: '{"items":[{"id":"1","na' }),
  { ...unreadable('an empty body', { headers: json, text: '' }), body: 'empty' },
  redirected(307, 'not_processed'),
  // A 303 means that the write is done and where to read its result; by custom, so does a 302.
  redirected(303, 'unknown'),
  lost('a body that the connection breaks off', brokenOff),
  lost('no response', new TransportError('The other side hung up.', { sent: true })),
  {
    name: 'no connection',
    reply: new TransportError('The connection was refused.', { sent: false }),
    codes: ['MCP_CONNECTION_ERROR'],
    outcome: 'not_processed',
    retryable: true,
  },
]

function refusal(status: number, expected: readonly ErrorCode[]): Scenario {
  return {
    name: String(status),
    reply: { status, json: {} },
    codes: expected,
    outcome: 'not_processed',
    retryable: false,
  }
}

function failing(name: string, reply: ScriptedReply): Scenario {
  return { name, reply, codes: ['MCP_SERVER_ERROR'], outcome: 'unknown', retryable: true }
}

/** Checks a 200: the write has most likely happened, so the error must not deny it. */
function unreadable(name: string, reply: ScriptedReply): Scenario {
  const expected: readonly ErrorCode[] = ['DATA_TRANSFORMATION_ERROR', 'MCP_SERVER_ERROR']
  return { name, reply, codes: expected, outcome: 'unknown', body: 'malformed' }
}

function redirected(status: number, outcome: Outcome): Scenario {
  return {
    name: `${status} to a host that is not declared`,
    reply: { status, headers: { location: 'https://undeclared.example/v1/things' } },
    codes: ['MCP_CLIENT_ERROR', 'MCP_SERVER_ERROR', 'PERMISSION_DENIED'],
    outcome,
  }
}

function lost(name: string, reply: Scenario['reply']): Scenario {
  return { name, reply, codes: ['MCP_CONNECTION_ERROR'], unsafeCodes: ['OUTCOME_UNKNOWN'], outcome: 'unknown' }
}

export const errorChecks: readonly ConnectorCheck[] = [
  ...scenarios.map((scenario) =>
    connectorCheck(`errors: ${scenario.name} is a ConnectorError for every tool`, async (subject, report) => {
      for (const call of oneEach(subject)) await meet(subject, call, scenario, report)
    }),
  ),

  connectorCheck(
    'errors: the table of errors reads every response and treats no successful one as a failure',
    (subject, report) => {
      const { failure } = subject.factory.profile
      if (failure === undefined) return
      for (const status of [200, 204, 400, 401, 403, 404, 409, 429, 500, 503]) {
        for (const body of oddBodies) {
          try {
            const found = failure(replyOf(status, body))
            if (found === undefined) continue
            const { code, message, hint } = found
            if (code !== undefined && !Object.hasOwn(codes, code)) report(`errors: "${code}" is no error code.`)
            for (const text of [message, hint]) {
              if (text === undefined || (typeof text === 'string' && text.trim() !== '')) continue
              report(`errors: it says nothing about ${status} with ${excerpt(body)}. Give a sentence, or leave it out.`)
            }
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error)
            report(
              `errors: it throws at ${status} with the body ${excerpt(body)} (${why}). Parse the body, expect anything.`,
            )
          }
        }
      }
      for (const { label, responses, succeeds } of subject.recordings) {
        // The request accepts an error status, or the tool catches the error.
        for (const response of succeeds ? responses.filter(({ status = 200 }) => status < 400) : []) {
          const found = failureOf(subject.factory.profile, withPlainHeaders(response))
          if (found !== undefined) report(`errors: it treats the successful response of ${label} as a failure.`)
        }
      }
    },
  ),
]

/** Bodies that proxies, outages and new versions of an API really send. */
const oddBodies: readonly unknown[] = [
  undefined,
  null,
  '',
  PAGE,
  0,
  true,
  [],
  [null],
  {},
  { ok: null, error: null, errors: null, message: null, code: null },
  { error: 'x', errors: 'x', message: 1, code: 'x' },
  { error: {}, errors: {}, message: {} },
  { error: [null], errors: [null] },
  { error: { errors: [{}], code: null, message: null, details: null } },
]

async function meet(subject: ContractSubject, call: Call, scenario: Scenario, report: Report): Promise<void> {
  const { toolName, tool } = call
  const { body, stream } = scenario
  if (body !== undefined && (tool.stream === undefined ? takesAnything(subject, call) : stream === undefined)) return
  const reply = () => {
    if (tool.stream !== undefined && stream !== undefined) return stream
    return typeof scenario.reply === 'function' ? scenario.reply() : scenario.reply
  }
  await withUnlimited(subject, call, { response: playing(call, reply) }, async (running) => {
    const ending = await running.until(endingOf(running.call(call)))
    const acceptsNothing = body === 'empty' && tool.output.safeParse(undefined).success
    const acceptsText = tool.stream !== undefined && stream !== undefined
    if (ending.succeeded && (acceptsNothing || acceptsText)) return
    const say = (what: string) => {
      report(`${toolName}: to ${scenario.name}, ${what}`)
    }
    const right = rightCodes(call, scenario)
    const error = failureIn(ending)
    if (error === undefined || !right.includes(error.code)) {
      const advice =
        subject.factory.profile.failure === undefined ? '' : ' A code without a row keeps the meaning of its status.'
      return say(`a call must fail with ${right.join(' or ')}; ${described(ending)}${advice}`)
    }
    const retryable = scenario.retryable === true && error.details.outcome === 'unknown' ? false : scenario.retryable
    if (retryable !== undefined && error.retryable !== retryable) {
      say(`retryable must be ${retryable}; ${described(ending)}`)
    }
    if (scenario.retryAfterMs !== undefined && !((error.details.retryAfterMs ?? 0) >= scenario.retryAfterMs)) {
      say(`retryAfterMs must be at least ${scenario.retryAfterMs}; ${described(ending)}`)
    }
    if (tool.effect !== 'read' && tool.run === undefined) examineOutcome(subject, scenario, error, say)
    examineWords(subject, call, error, say)
  })
}

/** Returns the expected codes of a call. The first of several steps may be a read, which fails as a read. */
function rightCodes(call: Call, { codes: expected, unsafeCodes = expected }: Scenario): readonly ErrorCode[] {
  if (call.tool.run !== undefined) return [...expected, ...unsafeCodes]
  return kindOf(call) === 'unsafe write' ? unsafeCodes : expected
}

function examineOutcome(
  { factory }: ContractSubject,
  { outcome, reply }: Scenario,
  error: ConnectorError,
  say: (what: string) => void,
): void {
  const proof = provesNothingHappened(factory.profile, typeof reply === 'object' ? reply : undefined)
  const right = proof ? 'not_processed' : outcome
  if (error.details.outcome === right) return
  say(`a write must say the outcome "${right}", and it says ${excerpt(error.details.outcome)} with ${error.code}.`)
}

function examineWords(
  subject: ContractSubject,
  { toolName }: Call,
  error: ConnectorError,
  say: (what: string) => void,
): void {
  const { factory, credentialOf } = subject
  if (error.message.trim() === '') say('the error has no message. Say in a sentence what went wrong.')
  if (secretsOf(factory, credentialOf(TENANT)).some((secret) => spells(error.message, secret))) {
    say('the message holds the credential.')
  }
  if (error.details.toolName !== toolName || error.details.serverId !== factory.type) {
    say('the error does not say which tool of which connector failed.')
  }
  const wire: unknown = JSON.parse(JSON.stringify(error))
  const differs = difference(wire, jsonForm(error.toJSON()))
  if (differs !== undefined) say(`the error does not survive JSON: ${differs}.`)
}
