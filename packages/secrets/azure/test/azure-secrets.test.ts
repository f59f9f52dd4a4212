import { inspect } from 'node:util'
import { SecretClient } from '@azure/keyvault-secrets'
import type { SecretClientOptions } from '@azure/keyvault-secrets'
import { causeOf } from '@mcpclient/core'
import { resolveSecrets } from '@mcpclient/core/secrets'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { azureSecrets } from '../src/index.ts'
import { startKeyVault, TOKEN } from './key-vault-server.ts'
import type { KeyVaultServer } from './key-vault-server.ts'

// Azure's own client, against a server on this machine that speaks its REST API; not against Azure.

let server: KeyVaultServer
beforeAll(async () => {
  server = await startKeyVault()
})
afterAll(() => server.close())

const HOUR_MS = 3_600_000
const VAULT = 'https://app.vault.azure.net'

type Policy = NonNullable<SecretClientOptions['additionalPolicies']>[number]['policy']
type SendRequest = Parameters<Policy['sendRequest']>[1]
type PipelineRequest = Parameters<SendRequest>[0]
type PipelineResponse = Awaited<ReturnType<SendRequest>>

/** For a vault at its real address, but what it sends goes to `url`: the client insists on https, the server has none. */
const clientAt = (url: string, getToken = async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + HOUR_MS })) => {
  const options: SecretClientOptions = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: { name: 'to-this-machine', sendRequest }, position: 'perRetry' }],
  }
  return new SecretClient(VAULT, { getToken }, options)

  async function sendRequest(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const address = request.url
    request.url = address.replace(VAULT, url)
    request.allowInsecureConnection = true
    return next(request).finally(() => (request.url = address))
  }
}
const source = () => azureSecrets(clientAt(server.url))

const failing = (reference: string, from = source()) => errorOf(from.read(reference, {}))

describe('a secret', () => {
  it.each([
    ['app-key', 'secret-latest'],
    ['app-key/4387e9f3d6e14c459867679a90fd0f79', 'secret-of-before'],
  ])('azure-kv:%s', async (reference, secret) => {
    expect(await source().read(reference, {})).toBe(secret)
  })

  it('is resolved in a configuration, with one request for each reference', async () => {
    const before = server.asked.length
    const settings = { key: 'azure-kv:app-key', again: ['azure-kv:app-key'], url: 'https://vault.example.com' }
    expect(await resolveSecrets(settings, { sources: [source()] })).toEqual({
      key: 'secret-latest',
      again: ['secret-latest'],
      url: 'https://vault.example.com',
    })
    expect(server.asked.slice(before)).toEqual(['GET /secrets/app-key/'])
  })
})

describe('a failure has advice', () => {
  it.each([
    ['missing', 'CONFIGURATION_ERROR', 'name and version'],
    ['app-key/0000', 'CONFIGURATION_ERROR', 'name and version'],
    ['denied', 'CONFIGURATION_ERROR', 'Key Vault Secrets User'],
    ['busy', 'MCP_RATE_LIMIT_EXCEEDED', 'secretReader()'],
    ['failing', 'MCP_SERVER_ERROR', 'later'],
    ['odd', 'CONFIGURATION_ERROR', 'name and version'],
    ['no_such_name', 'CONFIGURATION_ERROR', 'letters, digits and dashes'],
    ['a/b/c', 'CONFIGURATION_ERROR', 'azure-kv:name/version'],
    ['app-key#field', 'CONFIGURATION_ERROR', 'azure-kv:name/version'],
  ])('azure-kv:%s', async (reference, code, advice) => {
    const error = await failing(reference)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`azure-kv:${reference}`)
    expect(error.advice).toContain(advice)
  })

  it('for an empty secret', async () => {
    await expect(resolveSecrets('azure-kv:empty', { sources: [source()] })).rejects.toThrow(/azure-kv:empty is empty/)
  })

  it('for a rejected and for a missing credential', async () => {
    const other = clientAt(server.url, async () => ({ token: 'other', expiresOnTimestamp: Date.now() + HOUR_MS }))
    expect((await failing('app-key', azureSecrets(other))).advice).toContain("client's credential")
    const none = clientAt(server.url, async () => {
      throw Object.assign(new Error('No credential found'), { name: 'CredentialUnavailableError' })
    })
    expect((await failing('app-key', azureSecrets(none))).advice).toContain("client's credential")
  })

  it('for a vault that cannot be reached', async () => {
    const gone = await startKeyVault()
    await gone.close()
    const error = await failing('app-key', azureSecrets(clientAt(gone.url)))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', retryable: true })
  })

  it('for a caller that aborts', async () => {
    const work = resolveSecrets('azure-kv:app-key', { sources: [source()], signal: AbortSignal.abort() })
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('contains no token and no secret, even in its cause', async () => {
    const gone = await startKeyVault()
    await gone.close()
    const errors = await Promise.all([
      failing('denied'),
      failing('failing'),
      failing('app-key', azureSecrets(clientAt(gone.url))),
    ])
    const shown = inspect([...errors, ...errors.map(causeOf), ...errors.map((error) => error.toJSON())], {
      depth: 30,
      showHidden: true,
    })
    expect(shown).not.toContain('canary')
    expect(shown).not.toContain('secret-')
  })
})
