import { builtRequests } from './built-requests.ts'
import { settingsOf } from './composed-connector.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { connectorCheck } from './connector-check.ts'
import type { Report } from './connector-check.ts'
import { difference, excerpt, jsonForm } from './json-form.ts'
import { deepFreeze, everyValue } from './json-walk.ts'
import { successes } from './subject.ts'
import { underGlobals } from './under-globals.ts'

export const purityChecks = [
  connectorCheck('purity: a request depends only on the input and the settings', (subject, report) => {
    for (const call of successes(subject)) {
      twice(`${call.toolName}: its request`, () => builtRequests(subject, call), report)
    }
    const { check } = subject.factory.profile
    if (typeof check?.request === 'function') {
      const { request } = check
      twice(
        'check: its request',
        () => request({ settings: deepFreeze(settingsOf(subject, undefined)) as never }),
        report,
      )
    }
  }),

  connectorCheck('purity: reading a response changes nothing and sends nothing', (subject, report) => {
    const { profile } = subject.factory
    for (const { label, responses, tool } of subject.recordings) {
      for (const response of responses) {
        const reply = deepFreeze(withPlainHeaders(response))
        if (profile.failure) twice(`errors on ${label}`, () => profile.failure?.(reply), report)
        if (tool === undefined && profile.check?.account) {
          twice(`check.account() on ${label}`, () => profile.check?.account?.(reply.body), report)
        }
      }
    }
  }),
]

/** Two values of the clock and of randomness that a pure function cannot observe. */
const environments = [
  { nowMs: Date.UTC(2020, 0, 1), random: 0.125 },
  { nowMs: Date.UTC(2031, 5, 30), random: 0.875 },
]

/**
 * Builds a value twice with different clocks and randomness, and reports parts that differ or are not data.
 * @returns the value, or undefined if something was reported
 */
export function twice<Value>(what: string, build: () => Value, report: Report): Value | undefined {
  const built: unknown[] = []
  let first: Value | undefined
  for (const environment of environments) {
    const { value, error, touched } = underGlobals(environment, build)
    for (const name of touched) report(`${what} touches ${name}. It is data: the runtime sends, waits and signs.`)
    if (error !== undefined) {
      const why = error instanceof Error ? error.message : excerpt(error)
      if (/read.?only|not extensible|frozen|Cannot (?:assign|add|delete|define)/i.test(why)) {
        report(`${what} changes what it was given (${why}). Build a new value: { ...input, added }.`)
      } else if (touched.length === 0) {
        report(`${what} cannot be built: ${why}`)
      }
      return undefined
    }
    const odd = [...everyValue(value)].find(([, part]) => isNoData(part))
    if (odd !== undefined) {
      const [path, part] = odd
      report(
        `${what} holds ${nameOf(part)} at ${path.join('.') || 'its top'}. Hold plain data only, and be no promise.`,
      )
      return undefined
    }
    first ??= value
    built.push(jsonForm(value))
  }
  const differs = difference(built[1], built[0])
  if (differs !== undefined) {
    report(
      `${what} differs each time (${differs}). Take times and ids from the input, not from the clock or a random source.`,
    )
    return undefined
  }
  return first
}

function isNoData(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (value instanceof Date || value instanceof Uint8Array) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== Object.prototype && prototype !== null
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : `a ${typeof value}`
