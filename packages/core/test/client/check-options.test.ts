import { describe, expect, it } from 'vitest'
import { ConnectorError } from '@mcpclient/core'
import { checkClientOptions, checkRegistration } from '../../src/client/check-options.ts'
import { demo } from '../demo-connector.ts'

/** Returns the mistakes in options, by their path. */
function mistakesIn(work: () => unknown): Readonly<Record<string, string>> {
  try {
    work()
    return {}
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    return Object.fromEntries((error.details.issues ?? []).map(({ path, message }) => [path, message]))
  }
}

const mistakesOf = (options: object) => mistakesIn(() => checkClientOptions({ connectors: {}, ...options }))

describe('an option', () => {
  it.each([
    { permissions: { policy: { effects: ['read', 'write', 'destroy'], allow: [], deny: ['slack.*'] } } },
    { permissions: { policy: () => ({}), approve: () => true } },
    { retry: { attempts: 1, baseMs: 0, maxMs: 0 } },
    { timeouts: { callMs: 0.5, requestMs: Infinity } },
    { limits: { whenLimited: 'wait', maxWaitMs: 0 } },
    { limits: { whenLimited: 'refuse', maxWaitMs: Infinity } },
    { breaker: { windowMs: 0.5, minimumCalls: 1, failureRate: 1, openMs: 0.5, maxOpenMs: 0.5, probes: 1 } },
    { allowPrivateHosts: ['db.internal', '10.0.0.1:8080'] },
    { maxResponseBytes: 1 },
    { singleTenant: false },
  ])('accepts the extreme values of %j', (options) => {
    expect(mistakesOf(options)).toEqual({})
  })

  it.each([
    ['retry.attempts', { retry: { attempts: 0 } }, 'must be a whole number of at least 1, not 0'],
    ['retry.baseMs', { retry: { baseMs: Infinity } }, 'must be milliseconds, finite and at least 0, not Infinity'],
    ['timeouts.callMs', { timeouts: { callMs: 0 } }, 'must be milliseconds above 0, not 0'],
    ['limits.maxWaitMs', { limits: { maxWaitMs: -1 } }, 'must be milliseconds of at least 0, not -1'],
    ['limits.whenLimited', { limits: { whenLimited: 'queue' } }, 'must be one of wait, refuse, not a string'],
    ['breaker.minimumCalls', { breaker: { minimumCalls: 0.9 } }, 'must be a number of at least 1, not 0.9'],
    ['breaker.failureRate', { breaker: { failureRate: 0 } }, 'must be above 0 and at most 1, not 0'],
    ['breaker.probes', { breaker: { probes: true } }, 'must be a whole number of at least 1, not true'],
    [
      'allowPrivateHosts',
      { allowPrivateHosts: ['https://db.internal'] },
      'must be a list of hosts, without a scheme or path, not a list',
    ],
    ['allowPrivateHosts', { allowPrivateHosts: [''] }, 'must be a list of hosts, without a scheme or path, not a list'],
    ['permissions.approve', { permissions: { approve: {} } }, 'must be a function, not an object'],
    ['permissions.policy', { permissions: { policy: null } }, 'must be a function, not null'],
    [
      'permissions.policy.effects',
      { permissions: { policy: { effects: 'read' } } },
      'must be a list of effects, not a string',
    ],
    [
      'permissions.policy.deny',
      { permissions: { policy: { deny: [1] } } },
      'must be a list of names or patterns, not a list',
    ],
    ['singleTenant', { singleTenant: 1 }, 'must be true or false, not 1'],
    ['clock', { clock: {} }, 'has no now, monotonic, schedule; pass an object such as systemClock'],
    ['logger', { logger: {} }, 'has no debug, info, warn, error; pass an object such as console'],
    ['transport', { transport: {} }, 'has no send; pass an object such as fetchTransport()'],
    ['retry', { retry: [] }, 'must be an object, not a list'],
    ['pipeline', { pipeline: () => ({ call: [] }) }, 'must return { call, request }, two lists of stages'],
    ['pipeline', { pipeline: () => ({ request: [] }) }, 'must return { call, request }, two lists of stages'],
  ])('is rejected with its reason: %s: %o', (path, options, message) => {
    expect(mistakesOf(options)).toEqual({ [path]: message })
  })

  it('is rejected with the error that its function throws', () => {
    const pipeline = (thrown: unknown) => () => {
      throw thrown
    }
    expect(mistakesOf({ pipeline: pipeline(new Error('no stages')) })).toEqual({ pipeline: 'threw no stages' })
    expect(mistakesOf({ pipeline: pipeline(7) })).toEqual({ pipeline: 'threw 7' })
  })

  it('is reported up to the fiftieth mistake', () => {
    const wrong = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`option${at}`, 1]))
    expect(Object.keys(mistakesOf(wrong))).toHaveLength(50)
    const connectors = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`connector${at}`, 1]))
    expect(Object.keys(mistakesIn(() => checkClientOptions({ connectors })))).toHaveLength(50)
  })

  it('is an own property of the table, not a name of its prototype', () => {
    expect(mistakesOf({ toString: 1 })).toEqual({ toString: expect.stringMatching(/^is not an option; did you mean /) })
  })
})

describe('a connector', () => {
  const problemOf = (connector: unknown, id = 'notes') =>
    mistakesIn(() => {
      checkRegistration(id, connector)
    })[`connectors.${id}`]

  it.each([
    ['a connector', demo(), undefined],
    ['a custom connector', { ...demo(), tools: undefined, mount: () => undefined }, undefined],
    ['a factory', demo, 'is a factory; call it: notes({ ... })'],
    ['a function', () => demo(), 'is a function, not a connector'],
    ['text', 'slack', 'must be a connector, not a string'],
    ['null', null, 'must be a connector, not null'],
    ['a promise', Promise.resolve(demo()), 'is a promise; await it'],
    ['an empty object', {}, 'is not a connector: it has no profile, tools, parseSettings, baseUrl'],
    ['one with a wrong mount', { ...demo(), mount: 1 }, 'is not a connector: it has no mount'],
    ['one without a profile', { ...demo(), profile: undefined }, 'is not a connector: it has no profile'],
    [
      'one without fields',
      { ...demo(), profile: { auth: { sign: () => undefined } } },
      'is not a connector: it has no profile',
    ],
    [
      'one that does not sign',
      { ...demo(), profile: { auth: { fields: {} } } },
      'is not a connector: it has no profile',
    ],
  ])('is validated: %s', (_what, connector, message) => {
    expect(problemOf(connector)).toBe(message)
  })

  it.each(['a', 'slack', 'mcpServer', 'docs_2-x', `a${'b'.repeat(47)}`])('may have the id %s', (id) => {
    expect(problemOf(demo(), id)).toBeUndefined()
  })

  it.each(['', 'Slack', '1a', 'a.b', `a${'b'.repeat(48)}`, 'then', 'toJSON', 'prototype', 'constructor'])(
    'may not have the id %s',
    (id) => {
      expect(problemOf(demo(), id)).toContain('is not a valid id: use up to 48 letters')
    },
  )
})
