import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { causeOf } from '@mcpclient/core'
import { resolveSecrets } from '@mcpclient/core/secrets'
import { errorOf } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gcpSecrets } from '../src/index.ts'
import type { SecretManager } from '../src/index.ts'
import { startGrpc, startRest } from './secret-manager-server.ts'
import type { SecretManagerServer } from './secret-manager-server.ts'

// Google's own client, against servers on this machine that speak its REST and its gRPC API; not against Google.

type ClientOptions = NonNullable<ConstructorParameters<typeof SecretManagerServiceClient>[0]>

type Ticket = NonNullable<ClientOptions['authClient']>

/** A failure that only the library below the client can throw. */
const gax = createRequire(createRequire(import.meta.url).resolve('@google-cloud/secret-manager'))('google-gax') as {
  readonly googleAuthLibrary: { readonly OAuth2Client: new () => Ticket }
  readonly grpc: { readonly credentials: { readonly createInsecure: () => NonNullable<ClientOptions['sslCreds']> } }
}

/** Returns a fixed token, so no server is asked for one. */
function ticket(): Ticket {
  const client = new gax.googleAuthLibrary.OAuth2Client()
  client.setCredentials({ access_token: 'canary-access-token', expiry_date: Date.now() + 3_600_000 })
  return client
}

const overRest = (port: number): SecretManagerServiceClient =>
  new SecretManagerServiceClient({ ...here(port), fallback: true, protocol: 'http' })

const overGrpc = (port: number): SecretManagerServiceClient =>
  new SecretManagerServiceClient({ ...here(port), sslCreds: gax.grpc.credentials.createInsecure() })

const here = (port: number): ClientOptions => ({ apiEndpoint: '127.0.0.1', port, projectId: 'p', authClient: ticket() })

/** Returns the client without retries. */
const once = (client: SecretManagerServiceClient): SecretManager => ({
  accessSecretVersion: (request) => client.accessSecretVersion(request, { retry: null }),
})

const failing = (reference: string, client: SecretManager) => errorOf(gcpSecrets(client).read(reference, {}))

describe.each([
  { name: 'gRPC', start: startGrpc, connect: overGrpc },
  { name: 'REST', start: startRest, connect: overRest },
])('over $name', ({ start, connect }) => {
  let server: SecretManagerServer
  let client: SecretManagerServiceClient
  beforeAll(async () => {
    server = await start()
    client = connect(server.port)
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  it.each([
    ['projects/p/secrets/app', 'secret-latest grüße'],
    ['projects/p/secrets/app/versions/3', 'secret-of-before'],
    ['projects/p/secrets/app/versions/latest', 'secret-latest grüße'],
    ['projects/p/locations/europe-west3/secrets/app', 'secret-regional'],
  ])('reads gcp-sm:%s', async (reference, secret) => {
    expect(await gcpSecrets(client).read(reference, {})).toBe(secret)
  })

  it('resolves secrets in a configuration, with one request for each reference', async () => {
    const before = server.asked.length
    const settings = { key: 'gcp-sm:projects/p/secrets/app', again: ['gcp-sm:projects/p/secrets/app'] }
    expect(await resolveSecrets(settings, { sources: [gcpSecrets(client)] })).toEqual({
      key: 'secret-latest grüße',
      again: ['secret-latest grüße'],
    })
    expect(server.asked.slice(before)).toEqual(['projects/p/secrets/app/versions/latest'])
  })

  it.each([
    ['missing', 'CONFIGURATION_ERROR', 'project, name and version'],
    ['denied', 'CONFIGURATION_ERROR', 'Secret Manager Secret Accessor'],
    ['disabled', 'CONFIGURATION_ERROR', 'Enable it'],
    ['invalid', 'CONFIGURATION_ERROR', 'project, name and version'],
    ['anonymous', 'CONFIGURATION_ERROR', 'credentials'],
    ['busy', 'MCP_RATE_LIMIT_EXCEEDED', 'secretReader()'],
    ['failing', 'MCP_SERVER_ERROR', 'later'],
    ['unavailable', 'MCP_CONNECTION_ERROR', 'can reach it'],
    ['binary', 'CONFIGURATION_ERROR', 'base64'],
  ])('reports a secret that is %s with advice', async (name, code, advice) => {
    const reference = `projects/p/secrets/${name}`
    const error = await failing(reference, once(client))
    expect(error.code).toBe(code)
    expect(error.message).toContain(`gcp-sm:${reference}`)
    expect(error.advice).toContain(advice)
  })

  it('rejects an empty secret', async () => {
    const work = resolveSecrets('gcp-sm:projects/p/secrets/empty', { sources: [gcpSecrets(client)] })
    await expect(work).rejects.toThrow(/secrets\/empty is empty/)
  })

  it('reports a service that cannot be reached', async () => {
    const gone = await start()
    await gone.close()
    const unreachable = connect(gone.port)
    const error = await failing('projects/p/secrets/app', once(unreachable))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', retryable: true })
    await unreachable.close()
  })

  it('puts no credential and no secret into a failure, even into its cause', async () => {
    const names = ['denied', 'disabled', 'anonymous', 'binary', 'unavailable']
    const errors = await Promise.all(names.map((name) => failing(`projects/p/secrets/${name}`, once(client))))
    const shown = inspect([...errors, ...errors.map(causeOf), ...errors.map((error) => error.toJSON())], {
      depth: 30,
      showHidden: true,
    })
    for (const secret of ['canary', 'Bearer', 'secret-latest']) expect(shown).not.toContain(secret)
  })
})

it.each([
  'app',
  'secrets/app',
  'projects/p/secrets',
  'projects/p/secrets/app/versions',
  'projects/p/secrets/app#key',
  'projects/p/secrets/app/versions/1/more',
  'projects//secrets/app',
])('rejects gcp-sm:%s without a request', async (reference) => {
  const accessSecretVersion = async (): Promise<never> => {
    throw new Error('asked')
  }
  const error = await failing(reference, { accessSecretVersion })
  expect(error.code).toBe('CONFIGURATION_ERROR')
  expect(error.advice).toContain('gcp-sm:projects/p/secrets/s')
})

it('reports a client without credentials with their sources', async () => {
  const accessSecretVersion = async (): Promise<never> => {
    throw new Error('Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication')
  }
  expect((await failing('projects/p/secrets/app', { accessSecretVersion })).advice).toContain(
    'GOOGLE_APPLICATION_CREDENTIALS',
  )
})
