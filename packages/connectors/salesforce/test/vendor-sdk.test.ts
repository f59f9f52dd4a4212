import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { Connection } from 'jsforce'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { salesforce } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = '00D50000000IZ3Z!recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly authorization: string | undefined
  readonly options: string
  readonly body: unknown
}

let seen: Seen[] = []
let response: { readonly status?: number; readonly json?: unknown } = {}
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      seen.push({
        method: request.method ?? '',
        path: decodeURIComponent(pathname),
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        authorization: request.headers.authorization,
        options: [request.headers['sforce-query-options']].flat().join(),
        body: body === '' ? undefined : JSON.parse(body),
      })
      reply.writeHead(response.status ?? 200, { 'content-type': 'application/json' })
      reply.end(response.json === undefined ? undefined : JSON.stringify(response.json))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

type Fields = Readonly<Record<string, unknown>>
/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly object: string
  readonly id: string
  readonly ids: string[]
  readonly fields: Fields
  readonly q: string
  readonly batchSize: number
  readonly externalIdField: string
  readonly externalId: string
  readonly allOrNone: boolean
  readonly start: string
  readonly end: string
  readonly records: readonly { readonly attributes: { readonly type: string }; readonly id?: string }[]
}
type Call = (sdk: Connection, input: Input) => PromiseLike<unknown>

/** Sends the same request with jsforce. */
const calls: Readonly<Record<string, Call>> = {
  query: (sdk, { q, batchSize }) =>
    sdk.query(q, { autoFetch: false, headers: { 'sforce-query-options': `batchSize=${batchSize}` } }),
  get_record: (sdk, { object, id, fields }) =>
    sdk.retrieve(object, id, { ...(Array.isArray(fields) && { fields: fields as string[] }) }),
  create_record: (sdk, { object, fields }) => sdk.create(object, fields as never),
  update_record: (sdk, { object, id, fields }) => sdk.update(object, { Id: id, ...fields } as never),
  upsert_record: (sdk, { object, externalIdField: by, externalId, fields }) =>
    sdk.upsert(object, { [by]: externalId, ...fields } as never, by),
  delete_record: (sdk, { object, id }) => sdk.destroy(object, id),
  list_updated_records: (sdk, { object, start, end }) => sdk.updated(object, start, end),
  list_deleted_records: (sdk, { object, start, end }) => sdk.deleted(object, start, end),
  create_records: (sdk, { records, allOrNone }) => sdk.create('', records as never, { allOrNone }),
  update_records: (sdk, { records, allOrNone }) =>
    sdk.update('', records.map(({ id, ...record }) => ({ Id: id, ...record })) as never, { allOrNone }),
  delete_records: (sdk, { ids, allOrNone }) => sdk.destroy('', ids, { allOrNone }),
  list_objects: (sdk) => sdk.describeGlobal(),
  describe_object: (sdk, { object }) => sdk.describe(object),
  get_limits: (sdk) => sdk.limits(),
}

// jsforce builds no SOSL, sends no composites, and asks the identity URL and not OpenID Connect for the user. It does
// not escape an external id, and has no updateOnly.
const WITHOUT = new Set(['find_records', 'search_records', 'send_composite', 'get_user_info'])
const compared = fixtures.filter(
  ({ tool, input, ...rest }) => 'output' in rest && !WITHOUT.has(tool) && input['updateOnly'] !== true,
)

async function ours(tool: string, input: object): Promise<void> {
  const baseUrl = `${server.url}/services/data/v67.0/`
  const mcp = createMcpClient({
    connectors: { crm: salesforce({ token: TOKEN, baseUrl }) },
    transport: fetchTransport(),
  })
  await mcp.client('crm', 'ada').invoke(tool, input, { maxPages: 1 })
  await mcp.close()
}

const connection = () => new Connection({ instanceUrl: server.url, accessToken: TOKEN, version: '67.0' })

describe('beside jsforce', () => {
  it('compares every tool that jsforce has', () => {
    expect(new Set(compared.map(({ tool }) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(new Set([...Object.keys(calls), ...WITHOUT])).toEqual(new Set(Object.keys(salesforce.tools)))
  })

  it.each(compared.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same request for %s',
    async (_name, { tool, input, responses }) => {
      response = responses[0] ?? {}
      await ours(tool, input)
      await calls[tool]?.(connection(), input as unknown as Input)
      expect(seen).toHaveLength(2)
      expect(seen[0]).toEqual(seen[1])
    },
  )

  it.each([
    ["O'Reed", { Name: "O'Reed" }],
    [null, { Name: null }],
    [true, { Name: true }],
    [['A', "B'"], { Name: { $in: ['A', "B'"] } }],
  ])('writes the same condition for %j', async (value, condition) => {
    response = { json: { totalSize: 0, done: true, records: [] } }
    const operator = Array.isArray(value) ? 'IN' : '='
    const where = [{ field: 'Name', operator, value }]
    await ours('find_records', {
      object: 'Account',
      fields: ['Id', 'Name'],
      where,
      orderBy: [{ field: 'Name' }],
      limit: 7,
    })
    const soql = await connection().sobject('Account').find(condition, ['Id', 'Name']).sort('Name').limit(7).toSOQL()
    expect(seen[0]?.query).toEqual([`q=${soql}`])
  })

  it('writes the same pattern and times', async () => {
    response = { json: { totalSize: 0, done: true, records: [] } }
    const where = [
      { field: 'Name', operator: 'LIKE', value: 'Heron%' },
      { field: 'CreatedDate', operator: '>=', value: { dateTime: '2026-11-02T14:10:00Z' } },
    ]
    await ours('find_records', { object: 'Lead', fields: ['Id'], where, limit: 5, offset: 10 })
    const { SfDate } = await import('jsforce')
    const conditions = {
      Name: { $like: 'Heron%' },
      CreatedDate: { $gte: SfDate.toDateTimeLiteral(new Date('2026-11-02T14:10:00Z')) },
    }
    const soql = await connection().sobject('Lead').find(conditions, ['Id']).limit(5).offset(10).toSOQL()
    expect(seen[0]?.query).toEqual([`q=${soql}`])
  })

  it('escapes a backslash, which jsforce leaves as it is, so that a value cannot end its literal', async () => {
    response = { json: { totalSize: 0, done: true, records: [] } }
    const value = String.raw`a\' OR Name != 'x`
    await ours('find_records', { object: 'Account', fields: ['Id'], where: [{ field: 'Name', operator: '=', value }] })
    expect(seen[0]?.query[0]).toContain(String.raw`Name = 'a\\\' OR Name != \'x'`)
    const soql = await connection().sobject('Account').find({ Name: value }, ['Id']).toSOQL()
    expect(soql).toContain(String.raw`Name = 'a\\' OR Name != \'x'`)
  })
})
