import { apiKey, customAuth, defineConnector, oauth2, webhook } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { connectorChecks } from '../../src/contract/connector-checks.ts'
import { connectorContract } from '../../src/contract/connector-contract.ts'
import { readFixtureFiles } from '../../src/contract/connector-checks/read-fixture-files.ts'
import { contractSubject } from '../../src/contract/connector-checks/subject.ts'
import type { ContractSubject } from '../../src/contract/connector-checks/subject.ts'
import { BrokenPromise } from '../../src/broken-promise.ts'
import { brokenConnectors } from './broken-connectors.ts'
import type { BrokenConnector } from './broken-connectors/broken-connector.ts'
import { definition, fixtures as inline, notes } from './notes-connector.ts'

connectorContract(notes, import.meta, { fixtures: inline })

const agreedNotes = defineConnector({
  ...definition,
  id: 'agreed-notes',
  auth: oauth2({
    authorizationUrl: 'https://notes.example/authorize',
    tokenUrl: 'https://notes.example/token',
    scopes: ['notes:read'],
  }),
})

describe('over oauth2() without a credential', () => {
  connectorContract(agreedNotes, import.meta, { fixtures: inline })
})

describe('over oauth2() with a refresh token of each tenant', () => {
  const credential = (tenant: string) => ({ token: `heron-${tenant}-4417`, refreshToken: `crane-${tenant}-4417` })
  connectorContract(agreedNotes, import.meta, {
    fixtures: inline,
    credential,
    skip: Object.fromEntries(
      connectorChecks.filter(({ name }) => !name.startsWith('tenants:')).map(({ name }) => [name, 'needs an app']),
    ),
  })
})

/** Reads the headers of a failure: the contract has to judge it on the response that it sends. */
const patientNotes = defineConnector({
  ...definition,
  id: 'patient-notes',
  errors: (reply) => {
    const wait = reply.headers.get('retry-after')
    if (wait === null || (reply.status !== 429 && reply.status < 500)) return definition.errors(reply)
    const code = reply.status === 429 ? 'MCP_RATE_LIMIT_EXCEEDED' : 'MCP_SERVER_ERROR'
    return { code, message: 'Notes asked to wait.', notProcessed: true }
  },
})

describe('over errors that read retry-after and set notProcessed', () => {
  connectorContract(patientNotes, import.meta, { fixtures: inline })
})

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** Signs and connects with WebCrypto, whose threads need real time. */
const signedNotes = defineConnector({
  ...definition,
  id: 'signed-notes',
  auth: customAuth({
    kind: 'notes-signature',
    fields: { secret: { label: 'Signing secret', secret: true } },
    async sign({ method, url }, { secret }) {
      const algorithm = { name: 'HMAC', hash: 'SHA-256' }
      const key = await crypto.subtle.importKey('raw', bytesOf(secret), algorithm, false, ['sign'])
      const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(`${method} ${url}`)))
      return { headers: { 'x-signature': btoa(String.fromCharCode(...signature)) } }
    },
  }),
  webhook: webhook({
    verify: { verify: () => Promise.resolve({ verified: false, reason: 'signature_mismatch' }) },
    read: () => ({ ignore: 'no event' }),
  }),
})

describe('over customAuth() that signs with WebCrypto, and a webhook', () => {
  connectorContract(signedNotes, import.meta, { fixtures: inline })
})

const regionalNotes = defineConnector({
  ...definition,
  id: 'regional-notes',
  settings: z.object({ region: z.enum(['eu', 'us']) }),
  baseUrl: ({ settings }) => `https://${settings.region}.notes.example/v1/`,
  auth: apiKey({ header: 'x-key', settings: { region: (of) => of.apiKey.split('-').at(-1) } }),
})

describe('over settings that follow from the credential', () => {
  const credential = (tenant: string) => ({ apiKey: `heron/${tenant}+key~4417-eu` })
  connectorContract(regionalNotes, import.meta, { fixtures: inline, credential })
})

describe('over settings that do not follow from a made-up credential', () => {
  connectorContract(regionalNotes, import.meta, { fixtures: inline, settings: { region: 'us' } })
})

const files = await readFixtureFiles(import.meta.url)

const subjectOf = ({
  factory,
  fixtures,
  readme,
}: Pick<BrokenConnector, 'factory' | 'fixtures' | 'readme'>): ContractSubject => {
  const given = (fixtures ?? inline).map((content, index) => ({ source: `fixture ${index + 1}`, content }))
  return contractSubject(factory, fixtures === undefined ? [...files, ...given] : given, { readme })
}

const finders = ({ found }: BrokenConnector) =>
  connectorChecks.filter(({ name }) => (found instanceof RegExp ? found.test(name) : found.includes(name)))

describe('the contract finds', () => {
  const cases = brokenConnectors.flatMap((broken) => finders(broken).map((check) => ({ ...broken, check })))

  it.each(cases)('$mistake by "$check.name"', async ({ check, sentence, ...broken }) => {
    const error: unknown = await check.run(subjectOf(broken)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BrokenPromise)
    expect((error as BrokenPromise).message).toMatch(sentence)
  })

  it('covers every check', () => {
    const finding = new Set(brokenConnectors.flatMap(finders))
    expect(connectorChecks.filter((check) => !finding.has(check)).map(({ name }) => name)).toEqual([])
  })
})

describe('a check may be skipped', () => {
  const skipping = (skip: Readonly<Record<string, string>>) => () => {
    connectorContract(notes, import.meta, { skip })
  }

  it('only under its own name', () => {
    expect(skipping({ 'errors: 418': 'no tea' })).toThrow('The contract has no check "errors: 418".')
  })

  it('only with a reason', () => {
    const [check] = connectorChecks
    expect(skipping({ [check?.name ?? '']: ' ' })).toThrow(/Say why the check .* is skipped/)
  })
})
