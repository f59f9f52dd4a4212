import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import type { CredentialAccess, CredentialRequest } from '@mcpclient/core/vault'
import { keyOf, keyService } from './key-service.ts'
import { app, madeUpProvider, redirectUri } from './made-up-provider.ts'

const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (ConnectorError.is(error) ? `${error.code} ${error.details.outcome}` : error),
  )
const DENIED = 'PERMISSION_DENIED not_processed'

/** Returns the operations on one connection, by the name that the policy receives. */
const asked = (view: ReturnType<ReturnType<typeof keyService>['mcp']['as']>, key: { apiKey: string }) =>
  [
    ['read', () => view.keys.status()],
    ['read', () => view.keys.isConnected()],
    ['use', () => view.keys.call('read_note', {})],
    ['use', () => view.keys.call('write_note', {})],
    ['rotate', () => view.keys.rotate(key)],
    ['rotate', () => view.keys.setBackup(key)],
    ['rotate', () => view.keys.removeBackup()],
    ['connect', () => view.keys.connect(key)],
    ['revoke', () => view.keys.disconnect()],
  ] as const

describe.each([
  ['at once', (access: (request: CredentialRequest) => boolean): CredentialAccess => access],
  [
    'later',
    (access: (request: CredentialRequest) => boolean): CredentialAccess =>
      async (request) =>
        access(request),
  ],
])('a policy that returns %s', (_when, as) => {
  it.each(['connect', 'read', 'use', 'rotate', 'revoke'] as const)(
    'refuses an agent to %s, and nothing else',
    async (no) => {
      const service = keyService({
        access: as(({ operation, principal }) => principal.agent === undefined || operation !== no),
      })
      await service.ada.keys.connect(service.issue('first'))
      const agent = service.mcp.as({ tenant: 'ada', agent: 'assistant' })
      for (const [operation, ask] of asked(agent, service.issue('first'))) {
        const sent = service.transport.requests.length
        expect([operation, await outcomeOf(ask())]).toEqual([operation, operation === no ? DENIED : 'done'])
        if (operation === no) expect(service.transport.requests).toHaveLength(sent)
      }
      expect(service.audit.entries).toContainEqual(
        expect.objectContaining({
          operation: 'access_denied',
          outcome: 'refused',
          reason: no,
          actor: { tenant: 'ada', user: undefined, agent: 'assistant' },
          serverId: 'keys',
          connection: 'default',
        }),
      )
    },
  )
})

describe('an access policy', () => {
  it('denies access if it throws, or returns anything but true', async () => {
    const service = keyService()
    await service.ada.keys.connect(service.issue('first'))
    const broken: CredentialAccess[] = [
      () => {
        throw new Error('the directory is down')
      },
      () => Promise.reject(new Error('the directory is down')),
      () => 'yes' as unknown as boolean,
      () => undefined as unknown as boolean,
    ]
    const sent = service.transport.requests.length
    const audit = memoryAuditLog()
    for (const credentialAccess of broken) {
      const mcp = createMcpClient({
        connectors: { keys: service.connector('keys', true)() },
        vault: vault({ store: service.store, access: credentialAccess, audit }),
        transport: service.transport,
        clock: service.clock,
      })
      const { keys } = mcp.as('ada')
      for (const ask of [keys.call('read_note', {}), keys.status(), keys.disconnect()]) {
        expect(await outcomeOf(ask)).toMatch(/^(?:PERMISSION_DENIED|API_INTERNAL_ERROR) not_processed$/)
      }
      expect(await mcp.vault.list({ tenant: 'ada' })).toEqual([])
    }
    expect(service.transport.requests).toHaveLength(sent)
    const lines = (outcome: string) => ['read', 'revoke', 'use'].map((reason) => `access_denied ${outcome} ${reason}`)
    const written = audit.entries.map((entry) => `${entry.operation} ${entry.outcome} ${entry.reason}`)
    expect(written.toSorted()).toEqual(
      [...lines('failed'), ...lines('failed'), ...lines('refused'), ...lines('refused')].toSorted(),
    )
    expect(await service.ada.keys.isConnected()).toBe(true)
  })

  it('receives the principal, the operation and the connection', async () => {
    const requests: CredentialRequest[] = []
    const { mcp, issue } = keyService({
      access: (request) => {
        requests.push(request)
        return true
      },
    })
    const principal = { tenant: 'ada', user: 'bob', agent: 'assistant' }
    await mcp.as(principal).keys.at('work').connect(issue('first'))
    expect(requests).toEqual([{ operation: 'connect', principal, serverId: 'keys', connection: 'work' }])
    await mcp.as(principal).keys.at('work').call('read_note', {})
    expect(requests.slice(1)).toEqual([{ operation: 'use', principal, serverId: 'keys', connection: 'work' }])
  })

  it('is asked for the use of the app’s own credential as well', async () => {
    const { connector, transport, clock, issue } = keyService()
    const mcp = createMcpClient({
      connectors: { keys: connector('keys', true)(issue('app')) },
      transport,
      clock,
      vault: vault({ access: ({ principal, connection }) => connection === 'app' && principal.agent === undefined }),
    })
    expect(await mcp.as('ada').keys.call('read_note', {})).toEqual({ with: keyOf('app') })
    expect(await outcomeOf(mcp.as({ tenant: 'ada', agent: 'a' }).keys.call('read_note', {}))).toBe(DENIED)
  })

  it('makes health() unhealthy if the credential may not be used', async () => {
    const { ada, mcp, issue } = keyService({ access: ({ principal }) => principal.agent === undefined })
    await ada.keys.connect(issue('first'))
    expect(await ada.keys.health()).toMatchObject({ status: 'healthy' })
    expect(await mcp.as({ tenant: 'ada', agent: 'a' }).keys.health()).toMatchObject({ status: 'unhealthy' })
  })

  it('withholds the authorization URL from a principal that may not connect', async () => {
    const provider = madeUpProvider()
    const audit = memoryAuditLog()
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      transport: provider.transport(),
      vault: vault({
        redirectUri,
        audit,
        access: ({ operation, principal }) => operation !== 'connect' || principal.agent === undefined,
      }),
    })
    const started = await mcp.as('ada').notes.connect()
    if (started.status !== 'authorize') throw new Error('nobody was asked')
    const state = new URL(started.url).searchParams.get('state')
    await mcp.completeAuthorization(`${redirectUri}?code=1&state=${state}`, 'ada')
    const addressFor = async (principal: { tenant: string; agent?: string }) => {
      const error: unknown = await mcp
        .as(principal)
        .notes.call('share_note', {})
        .catch((failure: unknown) => failure)
      if (!ConnectorError.is(error)) throw new Error('it was not refused')
      return error.details.authorizeUrl
    }
    expect(await addressFor({ tenant: 'ada' })).toContain('https://as.example/')
    expect(await addressFor({ tenant: 'ada', agent: 'assistant' })).toBeUndefined()
  })
})
