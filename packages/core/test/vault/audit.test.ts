import { describe, expect, it } from 'vitest'
import { inspect } from 'node:util'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { LogFields } from '@mcpclient/core'
import { encrypted, memoryAuditLog, vault } from '@mcpclient/core/vault'
import type { AuditEntry, AuditSink } from '@mcpclient/core/vault'
import { createFakeClock, slowStore } from '@mcpclient/testing'
import { keyOf, keyService } from './key-service.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const lineOf = ({ operation, outcome, reason }: AuditEntry) =>
  [operation, outcome, ...(reason ? [reason] : [])].join(' ')

const logTo = (lines: unknown[]) => {
  const write = (fields: LogFields, message: string) => {
    lines.push([fields, message])
  }
  return { debug: write, info: write, warn: write, error: write }
}

describe('the audit of an API key', () => {
  it('records each operation with its actor, its action and its connection', async () => {
    const { mcp, issue, end, audit, clock, trouble } = keyService()
    const { keys } = mcp.as({ tenant: 'ada', user: 'bob' })
    await keys.connect(issue('first'))
    await keys.status()
    await keys.setBackup(issue('spare'))
    end('first')
    await keys.call('read_note', {})
    await keys.rotate(issue('second'))
    await keys.rotate({ apiKey: keyOf('wrong') }).catch(() => undefined)
    trouble.status = 503
    await keys.rotate(issue('third'))
    trouble.status = undefined
    await keys.call('read_note', {})
    await keys.removeBackup()
    await keys.disconnect()
    await mcp.close()

    expect(audit.entries.map(lineOf)).toEqual([
      'connect success',
      'read success',
      'backup success set',
      'backup success backup_used',
      'rotate success',
      'rotate refused MCP_AUTHENTICATION_FAILURE',
      'rotate success staged',
      'rotate success promoted',
      'backup success removed',
      'disconnect success',
    ])
    expect(audit.entries[0]).toEqual({
      at: new Date(clock.now()).toISOString(),
      operation: 'connect',
      outcome: 'success',
      actor: { tenant: 'ada', user: 'bob', agent: undefined },
      serverId: 'keys',
      tenant: 'ada',
      connection: 'default',
      fingerprint: expect.stringMatching(/^[\w-]{8}$/) as string,
      reason: undefined,
      requestId: undefined,
    })
  })

  it('identifies each key by its fingerprint', async () => {
    const { ada, issue, audit } = keyService()
    await ada.keys.connect(issue('first'))
    await ada.keys.rotate(issue('second'))
    await ada.keys.disconnect()
    const [connected, rotated, disconnected] = audit.entries.map(({ fingerprint }) => fingerprint)
    expect(rotated).toBe(disconnected)
    expect(connected).not.toBe(rotated)
  })

  it('records each signed request if the sink asks for them', async () => {
    const lines: AuditEntry[] = []
    const audit: AuditSink = { wantsUse: true, record: (entry) => void lines.push(entry) }
    const { ada, mcp, issue, end } = keyService({ audit })
    await ada.keys.connect(issue('first'))
    await ada.keys.setBackup(issue('spare'))
    end('first')
    await ada.keys.call('read_note', {}, { requestId: 'r-1' })
    await mcp.close()
    const uses = lines.filter(({ operation }) => operation === 'use')
    expect(uses).toMatchObject([
      { outcome: 'refused', requestId: 'r-1', actor: { tenant: 'ada' }, reason: 'MCP_AUTHENTICATION_FAILURE' },
      { outcome: 'success', requestId: 'r-1' },
    ])
    expect(new Set(uses.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  })

  it('leaves out the fingerprint of a secret with little entropy', async () => {
    const { ada, audit, connector, transport, clock } = keyService()
    await ada.plain.connect({ apiKey: 'hunter2' })
    expect(audit.entries.at(-1)).toMatchObject({ operation: 'connect', fingerprint: undefined })
    expect((await ada.plain.status()).fingerprint).toBeUndefined()
    const mcp = createMcpClient({
      connectors: { plain: connector('plain', false)({ apiKey: 'x' }) },
      vault: vault(),
      transport,
      clock,
    })
    expect((await mcp.as('ada').plain.status()).fingerprint).toBeUndefined()
  })
})

describe('the audit of an OAuth grant', () => {
  it('records the consent, each refresh and the revocation', async () => {
    const provider = madeUpProvider()
    const clock = createFakeClock()
    const audit = memoryAuditLog()
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      vault: vault({ store: slowStore(memoryStore({ clock })), redirectUri, audit }),
      transport: provider.transport(),
      clock,
    })
    const { notes } = mcp.as('ada')
    const urlOf = async () => {
      const started = await notes.connect()
      return started.status === 'authorize' ? started.url : ''
    }
    const callback = callbackOf(await urlOf())
    await mcp.completeAuthorization(callback, 'ada')
    await mcp.completeAuthorization(callbackOf(await urlOf(), { code: 'code-2' }), 'ada')
    await clock.advance(3_600_000)
    await clock.until(notes.call('read_note', {}))
    provider.endEverything()
    await clock.advance(3_600_000)
    await clock.until(notes.call('read_note', {}).catch(() => undefined))
    await notes.disconnect()
    await mcp.close()
    expect(audit.entries.map(lineOf)).toEqual([
      'connect_begin success',
      'connect success',
      'connect_begin success',
      'connect success',
      'renew success',
      'needs_reauth refused invalid_grant',
      'disconnect success',
      'revoke success',
    ])
    expect(audit.entries.find(({ operation }) => operation === 'renew')?.actor).toBeUndefined()
  })

  it('records a callback that is forged, replayed, or of another tenant', async () => {
    const audit = memoryAuditLog()
    const provider = madeUpProvider()
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      transport: provider.transport(),
      vault: vault({ redirectUri, audit }),
    })
    const started = await mcp.as('ada').notes.connect()
    const callback = callbackOf(started.status === 'authorize' ? started.url : '')
    const eve = { tenant: 'eve', user: 'e-1' }
    await mcp.completeAuthorization(`${redirectUri}?code=c&state=forged`, eve).catch(() => undefined)
    await mcp.completeAuthorization(callback, eve).catch(() => undefined)
    await mcp.completeAuthorization(callback, 'ada')
    await mcp.completeAuthorization(callback, 'ada').catch(() => undefined)
    await mcp.close()
    expect(audit.entries.slice(1).map(({ tenant, actor, ...entry }) => [lineOf(entry), tenant, actor?.user])).toEqual([
      ['connect refused state_unknown', 'eve', 'e-1'],
      ['connect refused state_of_another_tenant', 'eve', 'e-1'],
      ['connect success', 'ada', undefined],
      ['connect refused state_replayed', 'ada', undefined],
    ])
  })

  it('records the rotation of the encryption keys', async () => {
    const audit = memoryAuditLog()
    const keys = btoa(String.fromCharCode(...globalThis.crypto.getRandomValues(new Uint8Array(32))))
    const { connector } = keyService()
    const connectors = { keys: connector('keys', true)() }
    const mcp = createMcpClient({ connectors, vault: vault({ store: encrypted(memoryStore(), { keys }), audit }) })
    const by = { tenant: 'platform', user: 'root' }
    expect(await mcp.vault.rotateKeys({ by })).toMatchObject({ finished: true })
    expect(audit.entries).toMatchObject([
      { operation: 'reencrypt', outcome: 'success', actor: by, serverId: undefined },
    ])
    await expect(createMcpClient({ connectors, vault: vault() }).vault.rotateKeys()).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { hint: expect.stringContaining('encrypted(') as string },
    })
  })
})

describe('an audit sink', () => {
  it.each<[string, AuditSink['record']]>([
    [
      'throws',
      () => {
        throw new Error('the table is gone')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the table is gone'))],
  ])('fails no call and causes a warning if it %s', async (_how, record) => {
    const lines: unknown[] = []
    const { ada, mcp, issue } = keyService({ audit: { record }, logger: logTo(lines) })
    expect(await ada.keys.connect(issue('first'))).toMatchObject({ status: 'connected' })
    expect(await ada.keys.call('read_note', {})).toEqual({ with: keyOf('first') })
    await mcp.close()
    expect(JSON.stringify(lines)).toContain('The audit sink did not take an entry.')
  })

  it('does not delay calls if it never resolves, and close() waits five seconds for it', async () => {
    const lines: unknown[] = []
    const never = () => new Promise<void>(() => {})
    const { ada, mcp, issue, clock } = keyService({ audit: { record: never }, logger: logTo(lines) })
    await ada.keys.connect(issue('first'))
    expect(await ada.keys.disconnect()).toBe(true)
    const closing = mcp.close()
    await clock.advance(5000)
    await closing
    expect(JSON.stringify(lines)).toContain('did not finish in time')
    expect(clock.pending).toBe(0)
  })

  it('receives entries in the order of their events, and close() waits for the last one', async () => {
    const kept: string[] = []
    const audit: AuditSink = {
      record: async ({ operation }) => {
        await Promise.resolve()
        kept.push(operation)
      },
    }
    const { ada, mcp, issue } = keyService({ audit })
    const both = [ada.keys.connect(issue('first')), ada.keys.status()]
    await Promise.all(both)
    await ada.keys.disconnect()
    await mcp.close()
    expect(kept.toSorted()).toEqual(['connect', 'disconnect', 'read'])
    expect(kept.at(-1)).toBe('disconnect')
  })
})

it('receives no secret, and neither do events, logs, statuses and errors', async () => {
  const said: unknown[] = []
  const sink: AuditSink = { wantsUse: true, record: (entry) => void said.push(entry) }
  const service = keyService({ audit: sink, logger: logTo(said) })
  const { ada, mcp, issue, end, trouble, events } = service
  const attempt = async (work: Promise<unknown>) => {
    said.push(await work.catch((error: unknown) => [error, JSON.stringify(error), inspect(error, { depth: 9 })]))
  }
  const names = ['first', 'spare', 'second', 'third', 'wrong']
  await attempt(ada.keys.connect({ apiKey: keyOf('wrong') }))
  await attempt(ada.keys.connect(issue('first'), { expiresAt: new Date(service.clock.now() + 1000) }))
  await attempt(ada.keys.setBackup({ apiKey: keyOf('wrong') }))
  await attempt(ada.keys.setBackup(issue('spare')))
  await attempt(ada.keys.rotate({ apiKey: keyOf('wrong') }))
  end('first')
  await attempt(ada.keys.call('write_note', {}))
  await attempt(ada.keys.rotate(issue('second'), { keepOldForMs: 1000 }))
  trouble.status = 503
  await attempt(ada.keys.rotate(issue('third')))
  trouble.status = undefined
  await attempt(ada.keys.status())
  await attempt(mcp.vault.list({ tenant: 'ada' }))
  for (const name of names) end(name)
  await attempt(ada.keys.call('write_note', {}))
  await attempt(mcp.vault.maintain({ everything: true }))
  await attempt(mcp.vault.revoke({ tenant: 'ada', reason: `it had ${keyOf('second')} in it` }))
  await attempt(ada.keys.status())
  await attempt(ada.keys.disconnect())
  await mcp.close()
  // A call returns what the provider sent, and this one repeats the key.
  const shown = inspect([said.filter((each) => !isAnswer(each)), events, mcp, ada, ada.keys], {
    depth: 12,
    showHidden: true,
  })
  expect(said.length).toBeGreaterThan(30)
  for (const name of names) expect(shown).not.toContain(keyOf(name))
})

const isAnswer = (value: unknown): boolean => typeof value === 'object' && value !== null && 'with' in value

it('receives no token of a grant and no client secret', async () => {
  const said: unknown[] = []
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const canary = 'canary_in_the_reason'
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({
      store: slowStore(memoryStore({ clock })),
      audit: { wantsUse: true, record: (entry) => void said.push(entry) },
      redirectUri,
    }),
    transport: provider.transport(),
    logger: logTo(said),
    clock,
  })
  const { notes } = mcp.as('ada')
  await notes.connect({ token: canary, refreshToken: `${canary}_2` }).catch(() => undefined)
  const started = await notes.connect()
  await mcp.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), 'ada')
  await notes.call('read_note', {})
  await mcp.vault.revoke({ everything: true, reason: 'a drill' })
  await mcp.close()
  const shown = inspect(said, { depth: 12 })
  expect(said.length).toBeGreaterThan(4)
  for (const secret of [canary, 'access-1', 'refresh-1', 'verifier-secret', 'code-1', app.clientSecret]) {
    expect(shown).not.toContain(secret)
  }
})
