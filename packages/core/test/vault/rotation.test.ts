import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { clientCredentials, defineConnector, get, tool } from '@mcpclient/core/define'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { keyOf, keyService } from './key-service.ts'

const HOUR = 3_600_000

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (ConnectorError.is(error) ? (error.details.reason ?? error.code) : error),
  )

describe('a new key that the provider accepts at once', () => {
  it('becomes the current one, and only its fingerprint is returned', async () => {
    const { ada, issue, eventNames } = keyService()
    await ada.keys.connect(issue('old'))
    const before = await ada.keys.status()

    expect(await ada.keys.rotate(issue('new'))).toEqual({ status: 'rotated', account: { id: 'acct-1' } })

    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('new') })
    const after = await ada.keys.status()
    expect(before.fingerprint).toMatch(/^[\w-]{8}$/)
    expect(after.fingerprint).toMatch(/^[\w-]{8}$/)
    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(after).toMatchObject({ state: 'active', previous: undefined, staged: undefined })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })

  it('is used by no call until then', async () => {
    const { ada, issue, holdChecks } = keyService()
    await ada.keys.connect(issue('old'))
    const release = holdChecks()
    const rotating = ada.keys.rotate(issue('new'))
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('old') })
    release()
    await rotating
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('new') })
  })

  it('keeps the previous one for keepOldForMs, uses it after a refusal, and then deletes it', async () => {
    const { ada, issue, end, eventNames, clock, mcp, store } = keyService()
    await ada.keys.connect(issue('old'))
    await ada.keys.rotate(issue('new'), { keepOldForMs: HOUR })
    expect(await ada.keys.status()).toMatchObject({ previous: { until: clock.now() + HOUR } })
    end('new')
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('old') })
    expect(eventNames().slice(2)).toEqual(['credential.backup_used', 'connection.degraded'])

    await clock.advance(HOUR)
    expect(await codeOf(ada.keys.call('read_note', {}))).toBe('MCP_AUTHENTICATION_FAILURE')
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 1 })
    expect(JSON.stringify(await store.list(''))).not.toContain(keyOf('old'))
  })

  it('recovers a connection whose key was refused', async () => {
    const { ada, issue, end, eventNames } = keyService()
    await ada.keys.connect(issue('old'))
    end('old')
    expect(await codeOf(ada.keys.call('read_note', {}))).toBe('MCP_AUTHENTICATION_FAILURE')
    await ada.keys.rotate(issue('new'))
    expect(await ada.keys.status()).toMatchObject({ state: 'active', reason: undefined })
    expect(eventNames().slice(1)).toEqual(['connection.degraded', 'credential.rotated', 'connection.recovered'])
  })
})

describe('a new key that the provider refuses', () => {
  it('is rejected, and the current one stays', async () => {
    const { ada, issue, eventNames } = keyService()
    await ada.keys.connect(issue('old'))
    await expect(ada.keys.rotate({ apiKey: keyOf('wrong') })).rejects.toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('old') })
    expect(eventNames()).toEqual(['connection.connected'])
  })

  it('is rejected if it belongs to another account, because a write would go there', async () => {
    const { ada, issue } = keyService()
    await ada.keys.connect(issue('old'))
    expect(await codeOf(ada.keys.rotate(issue('new', 'acct-2')))).toBe('other_account')
    expect(await codeOf(ada.keys.setBackup(issue('spare', 'acct-2')))).toBe('other_account')
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('old') })
  })

  it('is not in the error', async () => {
    const { ada, issue } = keyService()
    await ada.keys.connect(issue('old'))
    const error: unknown = await ada.keys.rotate({ apiKey: keyOf('wrong') }).catch((failure: unknown) => failure)
    expect(ConnectorError.is(error)).toBe(true)
    expect(JSON.stringify(error) + String(error)).not.toContain(keyOf('wrong'))
  })
})

describe('a new key that cannot be verified now', () => {
  it('is promoted by the first call that it works for', async () => {
    const { ada, issue, eventNames } = keyService()
    await ada.plain.connect(issue('old'))
    expect(await ada.plain.rotate(issue('new'))).toEqual({ status: 'staged', account: undefined })
    expect(await ada.plain.status()).toMatchObject({ staged: { fingerprint: expect.any(String) as string } })

    expect(await ada.plain.call('write_note', {})).toEqual({ with: keyOf('new') })

    expect(await ada.plain.status()).toMatchObject({ staged: undefined })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })

  it('is deleted within the same call if it is refused', async () => {
    const { ada, issue, eventNames, transport, shown, clock } = keyService()
    await ada.plain.connect(issue('old'))
    await ada.plain.rotate({ apiKey: keyOf('wrong') })
    const from = transport.requests.length
    expect(await ada.plain.call('write_note', {})).toEqual({ with: keyOf('old') })
    expect(await ada.plain.call('write_note', {})).toEqual({ with: keyOf('old') })
    expect(shown(from)).toEqual([keyOf('wrong'), keyOf('old'), keyOf('old')])
    await clock.advance(120_000)
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotation_failed'])
    expect(await ada.plain.status()).toMatchObject({ state: 'active', staged: undefined })
  })

  it('is promoted once however many calls it works for', async () => {
    const { ada, issue, eventNames } = keyService()
    await ada.plain.connect(issue('old'))
    await ada.plain.rotate(issue('new'))
    const calls = await Promise.all([1, 2, 3, 4, 5].map(() => ada.plain.call('read_note', {})))
    expect(calls).toEqual(Array.from({ length: 5 }, () => ({ with: keyOf('new') })))
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })

  it('stays staged while the provider fails', async () => {
    const { ada, issue, eventNames, trouble } = keyService()
    await ada.keys.connect(issue('old'))
    trouble.status = 503
    expect(await ada.keys.rotate(issue('new'))).toMatchObject({ status: 'staged' })
    expect(await codeOf(ada.keys.call('read_note', {}))).toBe('MCP_SERVER_ERROR')
    trouble.status = undefined
    expect(eventNames()).toEqual(['connection.connected'])
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('new') })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })

  it('is verified by maintain() without a call', async () => {
    const { ada, issue, eventNames, trouble, mcp } = keyService()
    await ada.keys.connect(issue('old'))
    trouble.status = 503
    await ada.keys.rotate(issue('new'))
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ rotated: 0, failures: [] })
    trouble.status = undefined
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ rotated: 1, failures: [] })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })

  it.for([
    ['is refused by the provider', 'acct-1', true],
    ['belongs to another account', 'acct-2', false],
  ] as const)('is dropped by maintain() when it %s', async ([, account, isEnded]) => {
    const { ada, issue, end, eventNames, trouble, mcp } = keyService()
    await ada.keys.connect(issue('old'))
    trouble.status = 503
    await ada.keys.rotate(issue('new', account))
    trouble.status = undefined
    if (isEnded) end('new')
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ rotated: 0, failures: [] })
    expect(await ada.keys.status()).toMatchObject({ state: 'active', staged: undefined })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotation_failed'])
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('old') })
  })

  it('is tried by another process too', async () => {
    const { ada, issue, compose, clock } = keyService()
    const other = compose().as('ada')
    await ada.plain.connect(issue('old'))
    expect(await other.plain.call('read_note', {})).toEqual({ with: keyOf('old') })
    await ada.plain.rotate(issue('new'))
    expect(await other.plain.call('read_note', {})).toEqual({ with: keyOf('old') })
    await clock.advance(30_000)
    expect(await other.plain.call('read_note', {})).toEqual({ with: keyOf('new') })
  })
})

describe('a new key with fewer rights than the current one', () => {
  it('fails no call that the current one can make, and is deleted', async () => {
    const { ada, issue, issueReadOnly, eventNames } = keyService()
    await ada.plain.connect(issue('old'))
    await ada.plain.rotate(issueReadOnly('new'))
    expect(await ada.plain.call('write_note', {})).toEqual({ with: keyOf('old') })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotation_failed'])
    expect(await ada.plain.status()).toMatchObject({ state: 'active', staged: undefined })
  })

  it('stays staged if the current one is not allowed either', async () => {
    const { ada, issueReadOnly, eventNames } = keyService()
    await ada.plain.connect(issueReadOnly('old'))
    await ada.plain.rotate(issueReadOnly('new'))
    expect(await codeOf(ada.plain.call('write_note', {}))).toBe('MCP_CLIENT_ERROR')
    expect(await ada.plain.call('read_note', {})).toEqual({ with: keyOf('new') })
    expect(eventNames()).toEqual(['connection.connected', 'credential.rotated'])
  })
})

describe('a client secret, with which tokens are obtained', () => {
  const setUp = async (checks: boolean) => {
    const known = new Set(['one', 'two', 'three'])
    const status = { check: 200 }
    const transport = scriptedTransport(({ path, headers, body }) => {
      if (path.endsWith('/me')) return { status: status.check, json: { id: 'acct-1' } }
      if (!path.endsWith('/token')) return { json: { with: headers['authorization'] } }
      const secret = new URLSearchParams(typeof body === 'string' ? body : '').get('client_secret') ?? ''
      if (!known.has(secret)) return { status: 401, json: { error: 'invalid_client' } }
      return { json: { access_token: `token-of-${secret}`, token_type: 'bearer', expires_in: 3600 } }
    })
    const reports = defineConnector({
      id: 'reports',
      name: 'Reports',
      baseUrl: 'https://reports.example/',
      auth: clientCredentials({ tokenUrl: 'https://reports.example/token' }),
      ...(checks && { check: { request: get('me'), account: (body: unknown) => body as { id: string } } }),
      tools: {
        read_report: tool({
          description: 'Read a report.',
          effect: 'read',
          input: z.object({}),
          output: z.object({ with: z.string() }),
          request: () => get('report'),
        }),
      },
    })
    const mcp = createMcpClient({
      connectors: { reports: reports() },
      vault: vault(),
      transport,
      clock: createFakeClock(),
      retry: { attempts: 1 },
    })
    const ada = mcp.as('ada')
    await ada.reports.connect({ clientId: 'c', clientSecret: 'one' })
    const rotate = (clientSecret: string) => ada.reports.rotate({ clientId: 'c', clientSecret })
    return { ada, rotate, status, call: () => ada.reports.call('read_report', {}) }
  }

  it.each([true, false])('becomes the current one once it obtained a token (verifiable: %s)', async (checks) => {
    const { rotate, call } = await setUp(checks)
    expect(await rotate('two')).toMatchObject({ status: 'rotated' })
    expect(await call()).toEqual({ with: 'Bearer token-of-two' })
    expect(await codeOf(rotate('wrong'))).not.toBe('no failure')
    expect(await call()).toEqual({ with: 'Bearer token-of-two' })
  })

  it('stays staged if the account of the new one cannot be verified now', async () => {
    const { rotate, call, status } = await setUp(true)
    status.check = 503
    expect(await codeOf(rotate('two'))).toBe('MCP_SERVER_ERROR')
    expect(await call()).toEqual({ with: 'Bearer token-of-one' })
  })

  it('has no previous one and no backup, because the service never refuses it', async () => {
    const { ada } = await setUp(true)
    const two = { clientId: 'c', clientSecret: 'two' }
    expect(await codeOf(ada.reports.rotate(two, { keepOldForMs: HOUR }))).toBe('INVALID_INPUT')
    expect(await codeOf(ada.reports.setBackup(two))).toBe('TOOL_NOT_SUPPORTED')
  })
})

describe('rotate()', () => {
  it('rejects a connection that does not exist', async () => {
    const { ada, issue } = keyService()
    expect(await codeOf(ada.keys.rotate(issue('new')))).toBe('disconnected')
    expect(await codeOf(ada.keys.setBackup(issue('new')))).toBe('disconnected')
    expect(await codeOf(ada.keys.removeBackup())).toBe('disconnected')
  })

  it('rejects an invalid time', async () => {
    const { ada, issue } = keyService()
    await ada.keys.connect(issue('old'))
    expect(await codeOf(ada.keys.rotate(issue('new'), { keepOldForMs: Number.NaN }))).toBe('INVALID_INPUT')
    expect(await codeOf(ada.keys.rotate(issue('new'), { expiresAt: new Date('never') }))).toBe('INVALID_INPUT')
  })

  it.each(['rotate', 'setBackup'] as const)(
    'rejects an account that changed while the key was verified: %s',
    async (operation) => {
      const { ada, issue, holdChecks, checking, trouble } = keyService()
      await ada.keys.connect(issue('old'))
      const release = holdChecks()
      const changing = codeOf(ada.keys[operation](issue('new')))
      await checking()
      trouble.check = undefined
      await ada.keys.connect(issue('other', 'acct-2'))
      release()
      expect(await changing).toBe('connected_meanwhile')
      expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('other') })
      expect(await ada.keys.status()).toMatchObject({ account: { id: 'acct-2' }, backup: undefined })
    },
  )

  it('rejects a credential that was revoked while a new one was verified', async () => {
    const { ada, issue, mcp, holdChecks, checking, eventNames } = keyService()
    await ada.keys.connect(issue('old'))
    const release = holdChecks()
    const rotating = codeOf(ada.keys.rotate(issue('new')))
    await checking()
    await mcp.vault.revoke({ tenant: 'ada', reason: 'leaked' })
    release()
    expect(await rotating).toBe('revoked')
    expect(await ada.keys.status()).toMatchObject({ state: 'revoked' })
    expect(eventNames()).toEqual(['connection.connected', 'connection.revoked'])
  })
})
