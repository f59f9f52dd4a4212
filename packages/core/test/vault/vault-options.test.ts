import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf } from '@mcpclient/testing'
import { demo } from '../demo-connector.ts'

const mistakesIn = async (options: unknown): Promise<Readonly<Record<string, string>>> => {
  const error = await errorOf(() => vault(options as never))
  expect(error.code).toBe('CONFIGURATION_ERROR')
  return Object.fromEntries((error.details.issues ?? []).map(({ path, message }) => [path, message]))
}

const { get, put, delete: remove } = memoryStore()

describe('the options of vault()', () => {
  it.each([
    ['store', {}],
    ['store', null],
    ['store', 'memory'],
    ['store', memoryStore],
    ['store', Promise.resolve(memoryStore())],
    ['store', { get, put, delete: remove }],
    ['redirectUri', ''],
    ['redirectUri', '/cb'],
    ['redirectUri', 'app.example/cb'],
    ['redirectUri', 5],
    ['redirectUri', new URL('https://app.example/cb')],
    ['redirectUri', 'javascript:alert(1)'],
    ['redirectUri', 'data:text/html,x'],
    ['redirectUri', 'http://app.example/cb'],
    ['redirectUri', 'http://127.0.0.1.evil.example/cb'],
    ['redirectUri', 'https://app.example/cb#done'],
    ['redirectUri', 'https://app.example/cb#'],
    ['redirectUri', 'https://user:pass@app.example/cb'],
    ['renewal', 5],
    ['renewal.leaseMs', 0],
    ['renewal.pollMs', Number.NaN],
    ['renewal.clockSkewMs', -1],
    ['renewal.lease', 5],
    ['access', true],
    ['audit', []],
    ['audit', () => undefined],
    ['expiryWarningDays', 30],
    ['expiryWarningDays', [30, '7']],
    ['expiryWarningDays', [Number.NaN]],
    ['redirectUrl', 'https://app.example/cb'],
  ])('reject %s: %o', async (path, value) => {
    const [option = '', nested] = path.split('.')
    const options = { [option]: nested === undefined ? value : { [nested]: value } }
    expect(await mistakesIn(options)).toHaveProperty([path])
  })

  it.each([
    ['renewal.leaseMs', { renewal: { leaseMs: Infinity } }, 'must be milliseconds, finite and above 0, not Infinity'],
    ['expiryWarningDays', { expiryWarningDays: [-1] }, 'must be a list of days, not a list'],
    ['expiryWarningDays', { expiryWarningDays: [Infinity] }, 'must be a list of days, not a list'],
    ['store', { store: Promise.resolve({}) }, 'is a promise; await it'],
    ['store', { store: 'memory' }, 'must be an object such as memoryStore(), not a string'],
    ['store', { store: {} }, 'has no get, put, delete, list; pass an object such as memoryStore()'],
    ['audit', { audit: {} }, 'has no record; pass an object such as memoryAuditLog()'],
  ])('report what %s must be', async (path, options, message) => {
    expect(await mistakesIn(options)).toEqual({ [path]: message })
  })

  it('report every mistake in one error', async () => {
    expect(await mistakesIn({ redirectUri: '/callback', acess: true, audit: [] })).toEqual({
      acess: 'is not an option; did you mean access',
      redirectUri: 'must be an absolute URL such as https://app.example/callback',
      audit: expect.stringContaining('memoryAuditLog()') as unknown,
    })
  })

  it('do not repeat a value that was passed by mistake', async () => {
    const secret = 'xoxb-canary-1234567890'
    const error = await errorOf(() => vault({ store: secret, redirectUri: secret } as never))
    expect(JSON.stringify(error) + error.message).not.toContain(secret)
  })

  it.each([
    { redirectUri: 'https://app.example/cb?from=x' },
    { redirectUri: 'http://localhost:3000/cb' },
    { redirectUri: 'http://[::1]/cb' },
    { redirectUri: 'com.example.app:/cb' },
    { renewal: { leaseMs: 0.5, pollMs: 0.5, clockSkewMs: 0 } },
    { expiryWarningDays: [0, 0.5, 30] },
    { expiryWarningDays: [] },
    { redirectUri: undefined, store: undefined, renewal: undefined },
    { renewal: { leaseMs: undefined } },
  ])('accept %o', (options) => {
    expect(() => vault(options as object)).not.toThrow()
  })
})

describe('a vault', () => {
  it('belongs to one client', async () => {
    const accounts = vault()
    createMcpClient({ connectors: {}, vault: accounts })
    expect(await errorOf(() => createMcpClient({ connectors: {}, vault: accounts }))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: 'The vault is composed into another client already.',
    })
  })

  it('throws if it is used before it is composed', async () => {
    await expect(vault().list({ everything: true })).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: 'The vault is not composed into a client.',
    })
  })

  it('is the vault of its client', () => {
    const accounts = vault()
    expect(createMcpClient({ connectors: { notes: demo() }, vault: accounts }).vault).toBe(accounts)
  })
})
