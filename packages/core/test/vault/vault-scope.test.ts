import { describe, expect, it } from 'vitest'
import { keyService } from './key-service.ts'

const move = { from: { serverId: 'old' }, to: { serverId: 'keys' } }

/** The scopes that do not say which connections are meant. */
const vague: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a string', 'ada'],
  ['an empty object', {}],
  ['an undefined tenant', { tenant: undefined }],
  ['a null tenant', { tenant: null }],
  ['an empty tenant', { tenant: '' }],
  ['a numeric tenant', { tenant: 5 }],
  ['a lone surrogate', { tenant: '\uD800' }],
  ['everything that is false', { everything: false }],
  ['everything that is a string', { everything: 'yes' }],
  ['a tenant and everything', { tenant: 'ada', everything: true }],
  ['an undefined tenant and everything', { tenant: undefined, everything: true }],
]

describe('a vault operation without an explicit scope', () => {
  it.each(vague)('is rejected: %s', async (_name, scope) => {
    const { mcp, ada, issue } = keyService()
    await ada.keys.connect(issue('first'))
    const of = (rest: object) => ({ ...(typeof scope === 'string' ? {} : (scope as object)), ...rest }) as never
    const work = [
      mcp.vault.list(scope as never),
      mcp.vault.maintain(scope as never),
      mcp.vault.migrate(of(move)),
      mcp.vault.revoke(of({ reason: 'a leak' })),
    ]
    for (const outcome of await Promise.allSettled(work)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_INPUT' } })
    }
    expect(await ada.keys.isConnected()).toBe(true)
  })
})

describe('vault.list', () => {
  it('lists one tenant, or every tenant of a full store', async () => {
    const { mcp, ada, issue } = keyService()
    await ada.keys.connect(issue('first'))
    await mcp.as('bob').keys.connect(issue('second'))
    const tenantsIn = async (list: ReturnType<typeof mcp.vault.list>) => (await list).map(({ tenant }) => tenant)
    expect(await tenantsIn(mcp.vault.list({ tenant: 'ada' }))).toEqual(['ada'])
    expect(await tenantsIn(mcp.vault.list({ everything: true }))).toEqual(['ada', 'bob'])
    expect(await tenantsIn(mcp.vault.list({ tenant: 'default' }))).toEqual([])
  })
})

describe('vault.maintain', () => {
  it('processes the connections of one tenant only if it is scoped to it', async () => {
    const { mcp, ada, issue } = keyService()
    await ada.keys.connect(issue('first'))
    await mcp.as('bob').keys.connect(issue('second'))
    expect(await mcp.vault.maintain({ tenant: 'ada' })).toMatchObject({ looked: 1 })
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ looked: 2 })
  })
})
