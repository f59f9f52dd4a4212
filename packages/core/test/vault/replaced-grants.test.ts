import { createFakeClock, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

async function setUp(options: Parameters<typeof madeUpProvider>[0] = {}) {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const audit = memoryAuditLog()
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({ store: slowStore(memoryStore({ clock })), redirectUri, audit }),
    transport: provider.transport(),
    clock,
  })
  const connect = async () => {
    const begun = await mcp.as('ada').notes.connect()
    if (begun.status !== 'authorize') throw new Error(begun.status)
    return mcp.completeAuthorization(callbackOf(begun.url), 'ada')
  }
  const replaced = () =>
    audit.entries.filter(({ operation, reason }) => operation === 'revoke' && reason === 'replaced')
  await connect()
  return { ...provider, clock, mcp, connect, replaced, ada: mcp.as('ada').notes }
}

describe('a second connect()', () => {
  it('revokes the replaced grant if revocation covers only that grant', async () => {
    const { connect, seen, ada, replaced } = await setUp({ revocationEnds: 'token' })
    await connect()
    expect(seen.revoked).toEqual(['access-1'])
    expect(await ada.call('read_note', {})).toEqual({ text: 'seen with access-2' })
    expect(replaced()).toMatchObject([{ outcome: 'success' }])
  })

  it.for([undefined, 'account'] as const)(
    'leaves the replaced grant of the same account alone if revocation covers %s',
    async (revocationEnds) => {
      const { connect, seen } = await setUp({ revocationEnds })
      await connect()
      expect(seen.revoked).toEqual([])
    },
  )

  it('revokes the replaced grant of another account at every provider', async () => {
    const { connect, seen, protocol } = await setUp()
    const { redeem } = protocol
    protocol.redeem = async (...asked) => {
      const grant = await (redeem?.(...asked) ?? Promise.reject(new Error('no redeem')))
      return { ...grant, account: { id: 'acct-2' } }
    }
    await connect()
    expect(seen.revoked).toEqual(['access-1'])
  })

  it('succeeds although the replaced grant cannot be revoked', async () => {
    const { connect, protocol, replaced } = await setUp({ revocationEnds: 'token' })
    protocol.revoke = () => Promise.reject(new ConnectorError('MCP_SERVER_ERROR', 'Down.'))
    expect(await connect()).toMatchObject({ status: 'connected' })
    expect(replaced()).toMatchObject([{ outcome: 'failed' }])
  })

  it('succeeds within five seconds although the revocation never resolves', async () => {
    const { connect, protocol, clock, replaced } = await setUp({ revocationEnds: 'token' })
    const { promise: revoking, resolve } = Promise.withResolvers<void>()
    protocol.revoke = () => {
      resolve()
      return new Promise(() => {})
    }
    const connected = connect()
    // The store takes turns of the loop; the clock must not advance to the limit of the whole operation meanwhile.
    await revoking
    const before = clock.monotonic()
    expect(await clock.until(connected)).toMatchObject({ status: 'connected' })
    expect(clock.monotonic() - before).toBe(5000)
    expect(replaced()).toMatchObject([{ outcome: 'failed' }])
  })

  it('does not revoke a token that the user entered, nor the same grant', async () => {
    const { ada, seen, connect } = await setUp({ revocationEnds: 'token' })
    await ada.connect({ token: 'access-1', refreshToken: 'refresh-1' })
    expect(seen.revoked).toEqual([])
    await connect()
    expect(seen.revoked).toEqual([])
  })
})
