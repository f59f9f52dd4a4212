import { inspect } from 'node:util'
import { causeOf } from '@mcpclient/core'
import { resolveSecrets } from '@mcpclient/core/secrets'
import nodeVault from 'node-vault'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashicorpVaultSecrets } from '../src/index.ts'
import { startVault, TOKEN } from './vault-server.ts'
import type { VaultServer } from './vault-server.ts'

// node-vault itself, against a server on this machine that speaks Vault's HTTP API; not against Vault.

let server: VaultServer
beforeAll(async () => {
  server = await startVault()
})
afterAll(() => server.close())

const source = (token = TOKEN) => hashicorpVaultSecrets(nodeVault({ endpoint: server.address, token }))

const failing = (reference: string, from = source()) => errorOf(from.read(reference, {}))

describe('a secret', () => {
  it.each([
    ['kv1/app#key', 'secret-1'],
    ['kv1/app#other', 'secret-2'],
    ['kv1/single', 'the-only-one'],
    ['kv1/single#value', 'the-only-one'],
    ['kv1/nested#data', 'a-field'],
    ['kv/data/app#key', 'secret-v2'],
    ['kv/data/app#with#mark', 'marked'],
  ])('vault:%s', async (reference, secret) => {
    expect(await source().read(reference, {})).toBe(secret)
  })

  it('is resolved in a configuration, and is read once for all of its fields', async () => {
    const before = server.reads.length
    const settings = { one: 'vault:kv1/app#key', two: ['vault:kv1/app#other', 'vault:kv1/app#key'], name: 'app' }
    expect(await resolveSecrets(settings, { sources: [source()] })).toEqual({
      one: 'secret-1',
      two: ['secret-2', 'secret-1'],
      name: 'app',
    })
    expect(server.reads.slice(before)).toEqual(['/v1/kv1/app'])
  })

  it('is read again the next time, also after a failure', async () => {
    const before = server.reads.length
    const from = source()
    await failing('kv/data/broken#key', from)
    await failing('kv/data/broken#key', from)
    await from.read('kv1/app#key', {})
    await from.read('kv1/app#key', {})
    expect(server.reads.slice(before)).toEqual([
      '/v1/kv/data/broken',
      '/v1/kv/data/broken',
      '/v1/kv1/app',
      '/v1/kv1/app',
    ])
  })
})

describe('a failure has advice', () => {
  it.each([
    ['kv/app#key', 'CONFIGURATION_ERROR', 'kv/data/app'],
    ['kv/data/gone#key', 'CONFIGURATION_ERROR', 'mount and path'],
    ['kv/data/denied#key', 'CONFIGURATION_ERROR', 'read on "kv/data/denied"'],
    ['kv/data/busy#key', 'MCP_RATE_LIMIT_EXCEEDED', 'later'],
    ['kv/data/sealed#key', 'MCP_SERVER_ERROR', 'Unseal'],
    ['kv/data/broken#key', 'MCP_SERVER_ERROR', 'log'],
    ['kv/data/odd#key', 'CONFIGURATION_ERROR', 'mount and path'],
    ['kv1/app', 'CONFIGURATION_ERROR', 'key, port, other'],
    ['kv1/app#missing', 'CONFIGURATION_ERROR', 'key, port, other'],
    ['kv1/app#toString', 'CONFIGURATION_ERROR', 'key, port, other'],
    ['kv1/app#port', 'CONFIGURATION_ERROR', 'as a string'],
    ['#key', 'CONFIGURATION_ERROR', 'vault:path#key'],
  ])('vault:%s', async (reference, code, advice) => {
    const error = await failing(reference)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`vault:${reference}`)
    expect(error.advice).toContain(advice)
  })

  it('for a token that is not accepted', async () => {
    const error = await failing('kv/data/app#key', source('hvs.other'))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { status: 403 } })
    expect(error.message).toContain('expired')
  })

  it('for a Vault that cannot be reached', async () => {
    const gone = await startVault()
    await gone.close()
    const unreachable = hashicorpVaultSecrets(nodeVault({ endpoint: gone.address, token: TOKEN }))
    const error = await failing('kv/data/app#key', unreachable)
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', retryable: true })
    expect(error.advice).toContain('VAULT_ADDR')
  })

  it('contains neither the token nor another field, even in its cause', async () => {
    const gone = await startVault()
    await gone.close()
    const errors = await Promise.all([
      failing('kv1/app#missing'),
      failing('kv/data/denied#key'),
      failing('kv/data/app#key', hashicorpVaultSecrets(nodeVault({ endpoint: gone.address, token: TOKEN }))),
    ])
    const shown = inspect([...errors, ...errors.map(causeOf), ...errors.map((error) => error.toJSON())], {
      depth: 30,
      showHidden: true,
    })
    expect(shown).not.toContain('canary')
    expect(shown).not.toContain('secret-')
  })
})
