import { inspect } from 'node:util'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { causeOf } from '@mcpclient/core'
import { resolveSecrets } from '@mcpclient/core/secrets'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awsSecrets } from '../src/index.ts'
import { ACCESS_KEY, startSecretsManager } from './secrets-manager-server.ts'
import type { SecretsManagerServer } from './secrets-manager-server.ts'

// AWS's own client, against a server on this machine that speaks its JSON protocol; not against AWS.

let server: SecretsManagerServer
beforeAll(async () => {
  server = await startSecretsManager()
})
afterAll(() => server.close())

const clientAt = (endpoint: string, accessKeyId = ACCESS_KEY) =>
  new SecretsManagerClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey: 'canary-secret-access-key' },
    maxAttempts: 1,
  })
const source = () => awsSecrets(clientAt(server.endpoint))

const failing = (reference: string, from = source()) => errorOf(from.read(reference, {}))

describe('a secret', () => {
  it.each([
    ['plain', 'secret-plain'],
    ['team/app_1+x=y.z@h', 'secret-odd-name'],
    ['pairs#password', 'secret-password'],
    ['pairs', '{"password":"secret-password","user":"ada","port":5432}'],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:plain-AbCdEf', 'secret-by-arn'],
  ])('aws-sm:%s', async (reference, secret) => {
    expect(await source().read(reference, {})).toBe(secret)
  })

  it('is resolved in a configuration, and is read once for all of its fields', async () => {
    const before = server.asked.length
    const settings = { database: { user: 'aws-sm:pairs#user', password: 'aws-sm:pairs#password' } }
    expect(await resolveSecrets(settings, { sources: [source()] })).toEqual({
      database: { user: 'ada', password: 'secret-password' },
    })
    expect(server.asked.slice(before)).toEqual([{ SecretId: 'pairs' }])
  })

  it('is read again the next time, also after a failure', async () => {
    const before = server.asked.length
    const from = source()
    await failing('failing', from)
    await failing('failing', from)
    await from.read('plain', {})
    await from.read('plain', {})
    expect(server.asked.slice(before).map(({ SecretId }) => SecretId)).toEqual(['failing', 'failing', 'plain', 'plain'])
  })
})

describe('a failure has advice', () => {
  it.each([
    ['missing', 'CONFIGURATION_ERROR', 'the region and the account'],
    ['denied', 'CONFIGURATION_ERROR', 'secretsmanager:GetSecretValue'],
    ['undecipherable', 'CONFIGURATION_ERROR', 'kms:Decrypt'],
    ['deleted', 'CONFIGURATION_ERROR', 'restore it'],
    ['expired', 'CONFIGURATION_ERROR', 'credentials'],
    ['throttled', 'MCP_RATE_LIMIT_EXCEEDED', 'secretReader()'],
    ['failing', 'MCP_SERVER_ERROR', 'later'],
    ['odd', 'CONFIGURATION_ERROR', 'providerCode'],
    ['pairs#missing', 'CONFIGURATION_ERROR', 'password, user, port'],
    ['pairs#toString', 'CONFIGURATION_ERROR', 'password, user, port'],
    ['pairs#port', 'CONFIGURATION_ERROR', 'as a string'],
    ['plain#key', 'CONFIGURATION_ERROR', 'key/value'],
    ['broken#password', 'CONFIGURATION_ERROR', 'key/value'],
    ['list#0', 'CONFIGURATION_ERROR', 'key/value'],
    ['binary', 'CONFIGURATION_ERROR', 'base64'],
    ['#key', 'CONFIGURATION_ERROR', 'aws-sm:name'],
  ])('aws-sm:%s', async (reference, code, advice) => {
    const error = await failing(reference)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`aws-sm:${reference}`)
    expect(error.advice).toContain(advice)
  })

  it('for rejected and for missing credentials', async () => {
    const refused = await failing('plain', awsSecrets(clientAt(server.endpoint, 'AKIAOTHER')))
    expect(refused.advice).toContain("client's credentials")
    const credentials = async () => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      })
    }
    const none = new SecretsManagerClient({ endpoint: server.endpoint, region: 'eu-west-1', credentials })
    expect((await failing('plain', awsSecrets(none))).advice).toContain("client's credentials")
  })

  it('for a service that cannot be reached', async () => {
    const gone = await startSecretsManager()
    await gone.close()
    const error = await failing('plain', awsSecrets(clientAt(gone.endpoint)))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', retryable: true })
  })

  it('for a caller that aborts', async () => {
    const signal = AbortSignal.abort()
    const work = resolveSecrets('aws-sm:plain', { sources: [source()], signal })
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('contains no credential and no secret, even in its cause', async () => {
    const gone = await startSecretsManager()
    await gone.close()
    const references = ['denied', 'pairs#missing', 'plain#key', 'broken#password', 'list#0', 'binary']
    const errors = await Promise.all([
      ...references.map((reference) => failing(reference)),
      failing('plain', awsSecrets(clientAt(gone.endpoint))),
    ])
    const shown = inspect([...errors, ...errors.map(causeOf), ...errors.map((error) => error.toJSON())], {
      depth: 30,
      showHidden: true,
    })
    for (const secret of ['canary', ACCESS_KEY, 'secret-', Buffer.from('secret-bytes').toString('base64')]) {
      expect(shown).not.toContain(secret)
    }
  })
})
