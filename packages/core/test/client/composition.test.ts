import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, createRegistry, memoryStore, systemClock } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { bearer, defineConnector } from '@mcpclient/core/define'
import { demo } from '../demo-connector.ts'

const bare = defineConnector({
  id: 'bare',
  name: 'Bare',
  baseUrl: 'https://bare.example/',
  auth: bearer(),
  tools: {},
})

const thrownBy = (run: () => unknown): ConnectorError => {
  try {
    run()
  } catch (error) {
    if (ConnectorError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const mistakesIn = (options: unknown): Readonly<Record<string, string>> => {
  const error = thrownBy(() => createMcpClient(options as never))
  expect(error.code).toBe('CONFIGURATION_ERROR')
  return Object.fromEntries((error.details.issues ?? []).map(({ path, message }) => [path, message]))
}

const { get, put, list } = memoryStore()

const composedAs = (id: string) => ({ connectors: Object.fromEntries([[id, demo()]]) })

describe('the options of createMcpClient', () => {
  it('are checked together: one error lists every mistake with its path and its fix', () => {
    const options = {
      connectors: { slack: demo, Notes: demo() },
      vautl: vault(),
      retry: { attempts: 'x', attemps: 3 },
      breaker: { failureRate: 50 },
      logger: { info() {} },
    }
    expect(mistakesIn(options)).toEqual({
      vautl: 'is not an option; did you mean vault',
      'retry.attemps': 'is not an option; did you mean attempts',
      'retry.attempts': 'must be a whole number of at least 1, not a string',
      'breaker.failureRate': 'must be above 0 and at most 1, not 50',
      logger: 'has no debug, warn, error; pass an object such as console',
      'connectors.slack': 'is a factory; call it: slack({ ... })',
      'connectors.Notes': expect.stringContaining('starting with a lowercase letter') as unknown,
    })
  })

  it.each([undefined, null, 5, 'x', [], () => ({})])('have to be an object: %s', (options) => {
    expect(mistakesIn(options)).toHaveProperty([''])
  })

  it.each([
    ['connectors', {}],
    ['connectors', { connectors: null }],
    ['connectors', { connectors: [demo()] }],
    ['connectors', { connectors: new Map([['notes', demo()]]) }],
    ['connectors', { connectors: { __proto__: demo() } }],
    ['connectors', { connectors: { __proto__: { notes: demo() } } }],
    ['connectors.notes', { connectors: { notes: undefined } }],
    ['connectors.notes', { connectors: { notes: null } }],
    ['connectors.notes', { connectors: { notes: 'slack' } }],
    ['connectors.notes', { connectors: { notes: {} } }],
    ['connectors.notes', { connectors: { notes: () => demo() } }],
    ['connectors.notes', { connectors: { notes: Promise.resolve(demo()) } }],
    ['connectors.notes', { connectors: { notes: { ...demo(), profile: {} } } }],
    ['connectors.constructor', { connectors: { constructor: demo() } }],
    ['connectors.toString', { connectors: { toString: demo() } }],
    ['connectors.then', composedAs('then')],
    ['connectors.__proto__', composedAs('__proto__')],
    ['connectors.', { connectors: { '': demo() } }],
    ['connectors.a.b', { connectors: { 'a.b': demo() } }],
  ])('report %s in a composition with a wrong connector', (path, options) => {
    expect(mistakesIn(options)).toHaveProperty([path])
  })

  it.each([
    ['singleTenant', 'yes'],
    ['singleTenant', null],
    ['vault', {}],
    ['vault', vault],
    ['vault', memoryStore()],
    ['vault', null],
    ['capabilities', {}],
    ['capabilities', [{ name: 'audit' }]],
    ['state', { get, put, list }],
    ['state', new Map()],
    ['pipeline', []],
    ['pipeline', () => undefined],
    ['pipeline', () => ({ call: [] })],
    ['pipeline', () => ({ call: ['validate'], request: [] })],
    [
      'pipeline',
      () => {
        throw new Error('no')
      },
    ],
    ['logger', 'debug'],
    ['logger', { log() {} }],
    ['clock', Date],
    ['clock', { now: Date.now }],
    ['transport', fetch],
    ['transport', { fetch }],
    ['random', 0.5],
    ['permissions', []],
    ['permissions.policy', 'all'],
    ['permissions.polcy', {}],
    ['permissions.policy.denny', { policy: { denny: ['*'] } }],
    ['permissions.policy.allow', { policy: { allow: 'slack.*' } }],
    ['permissions.policy.effects', { policy: { effects: ['reed'] } }],
    ['permissions.approve', true],
    ['retry', null],
    ['retry', 3],
    ['retry.attempts', 'x'],
    ['retry.attempts', '3'],
    ['retry.attempts', 0],
    ['retry.attempts', -1],
    ['retry.attempts', 2.5],
    ['retry.attempts', Number.NaN],
    ['retry.attempts', Infinity],
    ['retry.attempts', null],
    ['retry.attempts', 3n],
    ['retry.baseMs', -5],
    ['retry.maxMs', Infinity],
    ['timeouts.callMs', 0],
    ['timeouts.callMs', -Infinity],
    ['timeouts.requestMs', '30s'],
    ['limits.whenLimited', 'queue'],
    ['limits.maxWaitMs', Number.NaN],
    ['breaker.windowMs', Infinity],
    ['breaker.minimumCalls', 0],
    ['breaker.failureRate', 0],
    ['breaker.failureRate', 1.1],
    ['breaker.openMs', -1],
    ['breaker.maxOpenMs', []],
    ['breaker.probes', 0.5],
    ['maxResponseBytes', 0],
    ['maxResponseBytes', '16 MiB'],
    ['timeoutMs', 5],
    ['__proto__x', {}],
    ['constructor', {}],
  ])('are rejected: %s: %o', (path, value) => {
    const [option = '', ...nested] = path.split('.')
    const isWhole = nested.length === 0 || (typeof value === 'object' && value !== null && nested.length === 2)
    const options = { connectors: {}, [option]: isWhole ? value : { [nested[0] ?? '']: value } }
    expect(mistakesIn(options)).toHaveProperty([path])
  })

  it('are not repeated if they were passed by mistake', () => {
    const secret = 'xoxb-canary-1234567890'
    const error = thrownBy(() =>
      createMcpClient({ connectors: { slack: secret }, vault: secret, state: secret } as never),
    )
    expect(JSON.stringify(error) + error.message).not.toContain(secret)
  })

  it('are limited in number and length before any work', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`option${at}`, 1]))
    const error = thrownBy(() => createMcpClient({ connectors: {}, ...many, ['x'.repeat(2_000_000)]: 1 }))
    expect(JSON.stringify(error).length).toBeLessThan(20_000)
  })

  it('are rejected if they cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const broken = {
      get connectors() {
        throw new Error('no')
      },
    }
    for (const options of [proxy, broken, { connectors: proxy }, { connectors: {}, retry: proxy }]) {
      expect(thrownBy(() => createMcpClient(options as never)).code).toBe('CONFIGURATION_ERROR')
    }
  })

  it('may be undefined, which leaves the default', () => {
    const retry = { attempts: undefined, baseMs: undefined } as unknown as { attempts: number }
    const mcp = createMcpClient({
      connectors: {},
      retry,
      breaker: undefined,
      vault: undefined,
      capabilities: undefined,
    })
    expect(mcp.as('ada')).toEqual({})
  })

  it.each([
    { timeouts: { callMs: Infinity } },
    { breaker: { minimumCalls: Infinity } },
    { limits: { maxWaitMs: 0 } },
    { logger: console, clock: systemClock, random: Math.random },
    { connectors: Object.assign(Object.create(null) as object, { notes: demo() }) },
  ])('are accepted: %o', (options) => {
    expect(() => createMcpClient({ connectors: {}, ...(options as object) })).not.toThrow()
  })

  it('report a stage that cannot be built', () => {
    const pipeline = () => ({
      call: [
        () => {
          throw new TypeError('no')
        },
      ],
      request: [],
    })
    expect(thrownBy(() => createMcpClient({ connectors: { notes: demo() }, pipeline })).code).toBe(
      'CONFIGURATION_ERROR',
    )
  })
})

describe('register', () => {
  it.each([
    ['notes', demo],
    ['notes', {}],
    ['notes', undefined],
    ['Notes', demo()],
    ['constructor', demo()],
    ['__proto__', demo()],
    [5, demo()],
    ['x'.repeat(8_000_000), demo()],
  ])('rejects a wrong id or connector', (id, connector) => {
    const mcp = createMcpClient({ connectors: {} })
    const error = thrownBy(() => mcp.register(id as string, connector as never))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { issues: [{}] } })
    expect(error.message.length).toBeLessThan(500)
  })
})

describe('the options of a connector', () => {
  it.each([
    'nope',
    '',
    '/v1/',
    '//api.example/',
    'ftp://api.example/',
    'javascript:alert(1)',
    'https://',
    'https://api.example:70000/',
    'https://api.example/v1?tenant=7',
    'https://api.example/v1?',
    'https://api.example/v1#f',
    'https://user:pass@api.example/',
    'http://api.example/',
    'http://93.184.216.34/',
    'http://10.evil.example/',
    5,
    null,
    {},
    new URL('https://api.example/'),
  ])('reject the base URL %s', (baseUrl) => {
    const error = thrownBy(() => bare({ token: 't', baseUrl: baseUrl as string }))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { issues: [{ path: 'baseUrl' }] } })
  })

  it.each([
    'https://api.example',
    'https://api.example:8443/v1',
    'HTTPS://API.EXAMPLE/v1/',
    'http://localhost:8080/',
    'http://127.0.0.1/',
    'http://[::1]:3000/',
    'http://emulator:4010/',
    'http://10.0.0.7/',
    'http://192.168.1.2:80/',
    'http://slack.internal/',
  ])('accept the base URL %s', async (baseUrl) => {
    const transport = scriptedTransport(() => ({ json: { id: 'u', name: 'x', text: '' } }))
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't', baseUrl }) }, transport })
    await mcp.as('ada').notes.call('get_note', { id: 'x' })
    expect(transport.requests[0]?.url).toMatch(/\/notes\/x$/)
  })

  it('report an unknown name together with a wrong base URL', () => {
    const error = thrownBy(() => bare({ tokn: 'xoxb-canary', baseUrl: 'nope' } as never))
    expect(error.details.issues?.map(({ path }) => path)).toEqual(['baseUrl', 'tokn'])
    expect(error.details.issues?.[1]?.message).toContain('token')
    expect(JSON.stringify(error)).not.toContain('xoxb-canary')
  })

  it.each([null, 5, 'xoxb-canary', []])('have to be an object: %s', (options) => {
    const error = thrownBy(() => bare(options as never))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(JSON.stringify(error)).not.toContain('xoxb-canary')
  })
})

describe('a registry', () => {
  it.each([
    undefined,
    null,
    5,
    'demo',
    {},
    { type: 5 },
    { type: 'constructor' },
    { type: '__proto__' },
    { type: 'dem' },
  ])('rejects the configuration %s', (configuration) => {
    const registry = createRegistry([demo])
    expect(thrownBy(() => registry.create(configuration as never)).code).toBe('CONFIGURATION_ERROR')
  })

  it('names the nearest types, and no overlong name', () => {
    const registry = createRegistry([demo, bare])
    expect(thrownBy(() => registry.create({ type: 'dema' })).details.choices?.[0]).toBe('demo')
    expect(thrownBy(() => registry.create({ type: 'x'.repeat(8_000_000) })).message.length).toBeLessThan(300)
  })

  it.each([[[demo()]], [[undefined]], [['demo']]])('rejects a value that is not a factory: %s', (factories) => {
    expect(thrownBy(() => createRegistry(factories as never)).code).toBe('CONFIGURATION_ERROR')
  })
})
