import { generateKeyPairSync, verify } from 'node:crypto'
import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { salesforceJwt } from '../src/index.ts'
import { SESSION_MS, simulatedOrg, USER } from './simulated-org.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = {
  clientId: '3MVG9.consumer-key',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  subject: 'reports@heron.example',
}

type Part = Readonly<Record<string, unknown>>
const decoded = (part = ''): Part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part

/** Returns the header and the claims of an assertion whose signature is valid. */
function assertionIn(jwt: string): { readonly header: Part; readonly claims: Part } {
  const [header, claims, signature] = jwt.split('.')
  const isValid = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature ?? '', 'base64url'),
  )
  expect(isValid).toBe(true)
  return { header: decoded(header), claims: decoded(claims) }
}

it.each([
  ['login.salesforce.com', 'https://login.salesforce.com'],
  ['test.salesforce.com', 'https://test.salesforce.com'],
  ['heron.my.salesforce.com', 'https://login.salesforce.com'],
  ['heron--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
])('signs an assertion of three minutes for the user at %s', async (loginHost, aud) => {
  const org = simulatedOrg()
  const crm = salesforceJwt({ ...key, loginHost, instanceUrl: 'https://heron.my.salesforce.com' })
  const { crm: reports } = org.compose(crm).as('reports')
  expect(await reports.call('get_limits', {})).toBeDefined()
  const [request] = org.requests
  expect(request?.url.href).toBe(`https://${loginHost}/services/oauth2/token`)
  expect([...(request?.body.keys() ?? [])].toSorted()).toEqual(['assertion', 'grant_type'])
  const { header, claims } = assertionIn(request?.body.get('assertion') ?? '')
  expect(header['alg']).toBe('RS256')
  expect(claims).toMatchObject({ iss: key.clientId, sub: key.subject, aud })
  expect(Number(claims['exp']) * 1000 - org.clock.now()).toBe(180_000)
})

it('obtains another token after a session has ended, once for all calls', async () => {
  const org = simulatedOrg()
  const { crm } = org.compose(salesforceJwt({ ...key, loginHost: 'heron.my.salesforce.com' })).as('reports')
  await crm.call('get_limits', {})
  await org.clock.advance(SESSION_MS)
  await Promise.all([1, 2, 3].map(() => crm.call('get_limits', {})))
  expect(org.grants()).toHaveLength(2)
})

it('finds the org of a key that a tenant connects', async () => {
  const org = simulatedOrg()
  const { crm } = org.compose(salesforceJwt()).as('reports')
  expect(await crm.connect(key)).toMatchObject({ status: 'connected', account: { id: USER } })
  expect(await crm.call('get_limits', {})).toBeDefined()
  expect(new Set(org.apiHosts())).toEqual(new Set(['heron.my.salesforce.com']))
})

it('needs the user to act for', async () => {
  const org = simulatedOrg()
  const { subject: _user, ...rest } = key
  const { crm } = org.compose(salesforceJwt()).as('reports')
  expect((await errorOf(crm.connect(rest as never))).code).toBe('INVALID_INPUT')
  expect(org.requests).toEqual([])
})
