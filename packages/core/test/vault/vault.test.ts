import { createFakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { ConnectResult } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import type { RefreshedGrant } from '../../src/auth/grant-flow.ts'
import type { Grant } from '../../src/auth/grant.ts'
import { withAssumedLifetime } from '../../src/vault/renewal/grant-lineage.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function setUp(provider: ReturnType<typeof madeUpProvider>, registered: typeof app | undefined) {
  const clock = createFakeClock()
  const connector = provider.connector('notes')
  const mcp = createMcpClient({
    connectors: { notes: registered ? connector(registered) : connector() },
    transport: provider.transport(),
    vault: vault({ redirectUri }),
    clock,
  })
  const ada = mcp.as('ada')
  const urlOf = (result: ConnectResult): string => (result.status === 'authorize' ? result.url : '')
  const consent = async () => mcp.completeAuthorization(callbackOf(urlOf(await ada.notes.connect())), 'ada')
  return { mcp, ada, clock, consent, call: () => clock.until(ada.notes.call('read_note', {})) }
}

describe('a pasted token with its refresh token, without a registered app', () => {
  async function pasted() {
    const provider = madeUpProvider()
    await setUp(provider, app).consent()
    const host = setUp(provider, undefined)
    await host.ada.notes.connect({ token: 'access-1', refreshToken: 'refresh-1' })
    return { ...provider, ...host }
  }

  it('is used, and not reported as renewable', async () => {
    const { ada, call } = await pasted()
    expect(await call()).toEqual({ text: 'seen with access-1' })
    expect(await ada.notes.status()).toMatchObject({ state: 'active', renews: false })
  })

  it('leads to needs_reauth when it is refused, and never to a configuration error', async () => {
    const { ada, call, clock, endEverything, seen } = await pasted()
    endEverything()
    await clock.advance(HOUR)
    await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.notes.status()).toMatchObject({ state: 'degraded', reason: 'credential_refused' })
    await clock.advance(MINUTE)
    await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.notes.status()).toMatchObject({ state: 'needs_reauth' })
    expect(seen.refreshes).toBe(0)
  })
})

describe('a provider that never sends the lifetime of its tokens', () => {
  const silently = async (brought: Promise<Grant | RefreshedGrant>): Promise<Grant> => {
    const answer = await brought
    const { expiresAt: _unsaid, ...grant } = 'grant' in answer ? answer.grant : answer
    return grant
  }

  function silent(refreshing: NonNullable<Parameters<typeof madeUpProvider>[0]>['refresh']) {
    const provider = madeUpProvider({ ...(refreshing && { refresh: refreshing }) })
    const { redeem, refresh } = provider.protocol
    provider.protocol.redeem = (...asked) => silently(redeem?.(...asked) ?? Promise.reject(new Error('no redeem')))
    provider.protocol.refresh = (...asked) => silently(refresh(...asked))
    return { ...provider, ...setUp(provider, app) }
  }

  it('refreshes them before they are refused, after the life that the connector assumes', async () => {
    const { consent, clock, call, seen } = silent({ rotation: 'single_use', assumedLifeMs: 30 * MINUTE })
    await consent()
    for (const token of ['access-2', 'access-3']) {
      await clock.advance(20 * MINUTE)
      await call()
      await clock.advance(10 * MINUTE)
      expect(await call()).toEqual({ text: `seen with ${token}` })
    }
    expect(seen.refreshes).toBe(2)
  })

  it('refreshes them after a refusal, and from then on before that age', async () => {
    const { consent, clock, call, refuse, seen } = silent({ rotation: 'single_use' })
    await consent()
    await clock.advance(HOUR)
    refuse('access-1')
    expect(await call()).toEqual({ text: 'seen with access-2' })
    await clock.advance(54 * MINUTE)
    expect(await call()).toEqual({ text: 'seen with access-2' })
    await clock.advance(6 * MINUTE)
    expect(await call()).toEqual({ text: 'seen with access-3' })
    expect(seen.refreshes).toBe(2)
  })

  it('does not refresh a token with a known expiry, nor one that was entered', () => {
    const refresh = { rotation: 'keep', assumedLifeMs: HOUR } as const
    const said = { accessToken: 'a', issuedAt: 5, expiresAt: 7 }
    const typed = { accessToken: 'a', issuedAt: 0 }
    expect(withAssumedLifetime(said, refresh)).toBe(said)
    expect(withAssumedLifetime(typed, refresh)).toBe(typed)
    expect(withAssumedLifetime({ accessToken: 'a', issuedAt: 5 }, refresh).expiresAt).toBe(5 + HOUR)
  })
})

describe('a grant that was lost between the response and its write', () => {
  it('is reported with a reason and a hint', async () => {
    const provider = madeUpProvider()
    const { mcp, ada, clock, consent, call } = setUp(provider, app)
    const emitted: unknown[] = []
    for (const name of ['connection.degraded', 'grant.lost', 'connection.needs_reauth'] as const) {
      mcp.on(name, (about) => emitted.push({ name, ...about }))
    }
    await consent()
    await clock.advance(HOUR)
    // The token was used, and no response arrived.
    provider.endEverything()
    provider.trouble.next = new ConnectorError('TIMEOUT', 'No answer.')
    await expect(call()).rejects.toMatchObject({ code: 'TIMEOUT' })
    await clock.advance(MINUTE)
    await expect(call()).rejects.toMatchObject({ details: { reason: 'grant_lost' } })
    const about = { serverId: 'notes', tenant: 'ada', connection: 'default' }
    expect(emitted).toMatchObject([
      { name: 'connection.degraded', ...about, reason: 'renewal_failed' },
      { name: 'grant.lost', ...about },
      { name: 'connection.needs_reauth', ...about, reason: 'grant_lost', hint: expect.stringContaining('Connect') },
    ])
    expect(await ada.notes.status()).toMatchObject({ state: 'needs_reauth', reason: 'grant_lost' })
  })
})
