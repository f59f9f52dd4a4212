import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchangesOf, protocolOf, readFixtures, scriptedFlow, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { salesforce } from '../src/index.ts'

/** A request of Salesforce's own Postman collection, which describes no responses. */
interface Item {
  readonly name: string
  readonly url: string
  readonly method: string
  readonly queryParams?: readonly { readonly key: string }[]
  readonly data?: readonly { readonly key: string }[]
  readonly rawModeData?: string
}

const folder = vendorContracts()
const items: readonly Item[] = folder === undefined ? [] : itemsIn(folder)

function itemsIn(contracts: string): readonly Item[] {
  const text = readFileSync(join(contracts, 'salesforce.postman.json'), 'utf8')
  return Object.values((JSON.parse(text) as { readonly items: Readonly<Record<string, Item>> }).items)
}

/** Returns a pattern of the paths that an item stands for. `<NAME>` is any segment, and a slash at the end is optional. */
function patternOf({ url }: Item): RegExp {
  const [path = ''] = url.replace(/^(?:\{\{\w+\}\})+/, '').split('?')
  const segments = path
    .replace(/\/$/, '')
    .split('/')
    .map((segment) => (segment.startsWith('<') ? '[^/]+' : segment.replace('{{version}}', String.raw`\d+\.0`)))
  return new RegExp(`^${segments.join('/')}$`)
}

/** Returns the most specific item for a request: the one with the fewest placeholders. */
const itemFor = ({ method, url }: Exchange): Item | undefined =>
  items
    .filter((item) => item.method === method && patternOf(item).test(new URL(url).pathname))
    .toSorted((one, other) => one.url.split('<').length - other.url.split('<').length)[0]

/** Tools of requests that the collection of 2021 leaves out: upserts, limits, collections to delete or to update. */
const ABSENT = new Set(['upsert_record', 'delete_records', 'update_records', 'get_limits'])
/** Parameters of tools that are newer than the collection, or that it leaves out. */
const NEWER = new Set(['fields', 'updateOnly'])

const connector = salesforce({ token: '00D!fixture', instanceUrl: 'https://heron.my.salesforce.com' })
const fixtures = readFixtures(import.meta.dirname).filter(({ tool }) => !ABSENT.has(tool))

describe.skipIf(folder === undefined)("Salesforce's own Postman collection (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'has the request of %s',
    async (_name, fixture) => {
      const [exchange] = await exchangesOf(connector, fixture)
      const item = exchange && itemFor(exchange)
      expect(item?.name).toBeDefined()
      const known = new Set([...(item?.queryParams ?? []).map(({ key }) => key), ...NEWER])
      const query = [...new URL(exchange?.url ?? '').searchParams.keys()]
      expect(query.filter((key) => !known.has(key))).toEqual([])
      if (exchange?.url.includes('/composite') === true) {
        const members = Object.keys(JSON.parse(item?.rawModeData ?? '{}') as object)
        expect(members).toEqual(expect.arrayContaining(Object.keys(exchange.requestBody as object)))
      }
    },
  )

  it('lacks only the requests of known tools', () => {
    const described = fixtures.map(({ tool }) => tool)
    expect(new Set(Object.keys(salesforce.tools))).toEqual(new Set([...described, ...ABSENT]))
  })

  it('refuses a path that it lacks', () => {
    const url = 'https://heron.my.salesforce.com/services/data/v67.0/sobjects/Account/001/nothing/here'
    expect(itemFor({ method: 'GET', url, status: 200 })).toBeUndefined()
  })

  it('has the parameters of signing in, of a refresh and of a revocation', async () => {
    const ask = { redirectUri: 'https://host.example/callback', state: 's1', scopes: ['api', 'offline_access'] }
    const token = { json: { access_token: 'a1', refresh_token: 'r1', token_type: 'Bearer' } }
    const app = { clientId: '3MVG9', clientSecret: 'secret' }
    const { context, transport } = scriptedFlow([token, token, {}], { app })
    const { authorize, redeem, refresh, revoke } = await protocolOf(salesforce.profile.auth)
    const { url, pending } = await authorize(context, ask)
    const grant = await redeem(context, pending, ask, new URL(`${ask.redirectUri}?code=c1&state=s1`))
    await refresh(context, grant)
    await revoke(context, grant)
    const keysOf = (name: string) =>
      items.flatMap((item) => (item.name === name ? (item.data ?? item.queryParams ?? []).map(({ key }) => key) : []))
    expect([...new URL(url).searchParams.keys()]).toEqual(expect.arrayContaining(keysOf('Web Server Flow 1')))
    const sent = transport.requests.map(({ form }) => Object.keys(form ?? {}))
    // The response is JSON without a parameter for it.
    expect(sent[0]).toEqual(expect.arrayContaining(keysOf('Web Server Flow 2').filter((key) => key !== 'format')))
    expect(sent[1]).toEqual(expect.arrayContaining(keysOf('Refresh Token')))
    expect(sent[2]).toEqual(expect.arrayContaining(keysOf('Revoke Token')))
    for (const name of ['Web Server Flow 2', 'Revoke Token']) {
      const item = items.find((each) => each.name === name)
      expect(transport.requests.some(({ url: to }) => item && patternOf(item).test(new URL(to).pathname))).toBe(true)
    }
  })
})
