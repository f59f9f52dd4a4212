import { createFakeClock, errorOf, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const PLACE = 'connection/notes/ada/default'

async function setUp() {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const host = (skewMs = 0) => {
    const skewed: Clock = { ...clock, now: () => clock.now() + skewMs }
    return createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      vault: vault({ store, redirectUri }),
      transport: provider.transport(),
      clock: skewed,
    })
  }
  const mcp = host()
  const begun = await mcp.as('ada').notes.connect()
  if (begun.status !== 'authorize') throw new Error(begun.status)
  await mcp.completeAuthorization(callbackOf(begun.url), 'ada')
  const change = async (to: object) => {
    const stored = await store.get(PLACE)
    await store.put(PLACE, JSON.stringify({ ...JSON.parse(stored?.value ?? '{}'), ...to }))
  }
  const down = (details: ConstructorParameters<typeof ConnectorError>[2] = {}) => {
    provider.trouble.next = new ConnectorError('MCP_SERVER_ERROR', 'Down.', { outcome: 'not_processed', ...details })
  }
  return { ...provider, clock, store, host, mcp, ada: mcp.as('ada').notes, change, down }
}

describe('a host whose clock is a year ahead', () => {
  it('does not delay other hosts after a failed refresh', async () => {
    const { host, clock, ada, down, seen } = await setUp()
    await clock.advance(HOUR)
    down()
    await errorOf(clock.until(host(YEAR).as('ada').notes.call('read_note', {})))
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
    expect(seen.refreshes).toBe(2)
  })

  it('does not delay other hosts with its lease for longer than a lease lasts', async () => {
    const { clock, ada, change } = await setUp()
    await clock.advance(HOUR)
    await change({ lease: { owner: 'another', until: clock.now() + YEAR, generation: 0 } })
    const before = clock.monotonic()
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
    expect(clock.monotonic() - before).toBeLessThanOrEqual(31 * SECOND)
  })

  it('does not prevent a correct host from being read by one a year behind', async () => {
    const { host, clock, ada, down, refuse } = await setUp()
    await clock.advance(HOUR)
    refuse('access-1')
    down()
    await errorOf(clock.until(ada.call('read_note', {})))
    expect(await clock.until(host(-YEAR).as('ada').notes.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
  })
})

it.for([
  ['two hours', 2 * HOUR],
  ['a day', DAY],
  ['a year', YEAR],
  ['no end', Number.MAX_SAFE_INTEGER],
] as const)('does not believe a wait of %s in a row', async ([, ms]) => {
  const { clock, ada, change } = await setUp()
  await clock.advance(HOUR)
  const trouble = { reason: 'renewal_failed', since: clock.now() + ms, retryAt: clock.now() + ms }
  await change({ state: 'degraded', trouble })
  expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
  expect(await ada.status()).toMatchObject({ state: 'active' })
})

describe('a token endpoint that sends Retry-After with days', () => {
  it('is called again after 15 minutes, and the error says so', async () => {
    const { clock, ada, down, seen } = await setUp()
    await clock.advance(HOUR)
    down({ retryAfterMs: 3 * DAY })
    const error = await errorOf(clock.until(ada.call('read_note', {})))
    expect(error.details.retryAfterMs).toBe(15 * MINUTE)
    await clock.advance(15 * MINUTE - SECOND)
    expect(await errorOf(clock.until(ada.call('read_note', {})))).toMatchObject({ details: { retryAfterMs: SECOND } })
    expect(seen.refreshes).toBe(1)
    await clock.advance(SECOND)
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
  })
})

describe('maintain()', () => {
  it('reports a connection that it skipped, the reason, and until when', async () => {
    const { mcp, clock, ada, down } = await setUp()
    await clock.advance(HOUR)
    down({ retryAfterMs: 3 * DAY })
    await errorOf(clock.until(ada.call('read_note', {})))
    const retryAt = clock.now() + 15 * MINUTE
    expect(await clock.until(mcp.vault.maintain({ everything: true, idleMs: 1 }))).toMatchObject({
      renewed: 0,
      failures: [],
      skipped: [{ serverId: 'notes', tenant: 'ada', connection: 'default', reason: 'renewal_failed', retryAt }],
    })
    await clock.advance(15 * MINUTE)
    expect(await clock.until(mcp.vault.maintain({ everything: true, idleMs: 1 }))).toMatchObject({
      renewed: 1,
      skipped: [],
    })
  })

  it('reports a connection that needs its user', async () => {
    const { mcp, clock, ada, endEverything } = await setUp()
    endEverything()
    await clock.advance(HOUR)
    await errorOf(clock.until(ada.call('read_note', {})))
    const { skipped } = await clock.until(mcp.vault.maintain({ everything: true, idleMs: 1 }))
    expect(skipped).toEqual([{ serverId: 'notes', tenant: 'ada', connection: 'default', reason: 'invalid_grant' }])
  })
})

it('skips a first credential for a minute, whatever clock recorded its refusal', async () => {
  const { clock, ada, change } = await setUp()
  const trouble = { reason: 'backup_in_use', since: clock.now() + YEAR, retryAt: clock.now() + YEAR }
  const spares = [{ role: 'backup', credential: { token: 'backup' }, since: clock.now() }]
  await change({ state: 'degraded', trouble, spares })
  expect(await ada.call('read_note', {})).toEqual({ text: 'seen with access-1' })
})
