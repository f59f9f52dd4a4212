import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, ConnectorError, SyncEngine, SyncRequest, SyncResult } from '@mcpclient/core'
import { bearer, defineConnector, errorTable, get, patch, send, sync, tool } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const Event = z.object({ id: z.string(), etag: z.string(), title: z.string().optional() })
const events = sync({
  description: 'The events of one calendar.',
  params: z.object({ calendar: z.string().default('primary') }),
  item: Event,
  key: 'id',
  version: 'etag',
  codes: { expired: ['gone'] },
  scopes: ['calendar'],
  pull: ({ params, since }) => get(`calendars/${params.calendar}/events`, { since }),
  get: (id, { params }) => get(`calendars/${params.calendar}/events/${id}`),
  push: {
    update: (changes, { params, id, version = '' }) =>
      patch(`calendars/${params.calendar}/events/${id}`, changes, { headers: { 'if-match': version } }),
  },
})
const calendar = defineConnector({
  id: 'calendar',
  name: 'Calendar',
  description: 'Keeps events.',
  baseUrl: 'https://calendar.example/',
  auth: bearer(),
  errors: errorTable({ code: 'code' }, {}),
  tools: {
    ping: tool({
      description: 'Ping.',
      effect: 'read',
      input: z.object({}),
      output: z.unknown(),
      request: () => get('ping'),
    }),
  },
  syncs: { events },
})

const DONE: SyncResult = { success: true, itemsProcessed: 0, errors: [], timestamp: new Date(0) }

/** Makes a capability whose engine passes each request to the test. */
const engineOf = (run: SyncEngine['run']): Capability => ({ name: 'syncs', syncEngine: { run }, bind: () => undefined })

async function connected(run: SyncEngine['run'], replies: readonly ScriptedReply[] = [], options: object = {}) {
  const transport = scriptedTransport(replies)
  const mcp = createMcpClient({
    connectors: { calendar: calendar() },
    vault: vault({ store: memoryStore() }),
    transport,
    capabilities: [engineOf(run)],
    retry: { attempts: 1 },
    ...options,
  })
  await mcp.as('ada').calendar.connect({ token: 'token-of-ada' })
  return { ada: mcp.as('ada'), transport }
}

describe('syncData', () => {
  it('passes the definition, the connection and the parsed params to the engine', async () => {
    const requests: SyncRequest[] = []
    const { ada } = await connected((request) => {
      requests.push(request)
      return Promise.resolve(DONE)
    })
    expect(await ada.calendar.at('work').syncData('events', { direction: 'both' })).toBe(DONE)
    expect(requests).toMatchObject([
      {
        serverId: 'calendar',
        name: 'events',
        principal: { tenant: 'ada' },
        connection: { tenant: 'ada', name: 'work' },
        fields: ['id', 'etag', 'title'],
        params: { calendar: 'primary' },
        options: { direction: 'both' },
      },
    ])
  })

  it('sends each operation as a signed call of the pipeline', async () => {
    const { ada, transport } = await connected(
      async ({ send: operate, sync: { pull, push }, params }) => {
        const place = { params, since: 'c1' } as never
        await operate({ name: 'pull', effect: 'read', idempotent: true, request: () => pull(place) })
        const at = { params, id: 'e1', version: 'v1' } as never
        const update = () => push?.update?.({ title: 'Stand-up' } as never, at) ?? get('unreachable')
        await operate({ name: 'update', effect: 'write', idempotent: true, request: update })
        return DONE
      },
      [{ json: { items: [] } }, { json: { id: 'e1', etag: 'v2' } }],
    )
    await ada.calendar.syncData('events', { direction: 'both', params: { calendar: 'team' } })
    expect(transport.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET https://calendar.example/calendars/team/events?since=c1',
      'PATCH https://calendar.example/calendars/team/events/e1',
    ])
    for (const { headers } of transport.requests)
      expect(headers).toMatchObject({ authorization: 'Bearer token-of-ada' })
  })

  it('runs a generator of requests as one operation', async () => {
    let returned: unknown
    const { ada } = await connected(
      async ({ send: operate }) => {
        returned = await operate({
          name: 'pull',
          effect: 'read',
          idempotent: true,
          request: function* () {
            const { ids } = yield* send(get('ids'), z.object({ ids: z.array(z.string()) }))
            return { changed: ids }
          },
        })
        return DONE
      },
      [{ json: { ids: ['a', 'b'] } }],
    )
    await ada.calendar.syncData('events', { direction: 'pull' })
    expect(returned).toEqual({ changed: ['a', 'b'] })
  })

  it('applies the permissions of the host to every operation, by name and effect', async () => {
    const failures: unknown[] = []
    const { ada, transport } = await connected(
      async ({ send: operate }) => {
        for (const name of ['pull', 'remove'] as const) {
          const effect = name === 'pull' ? 'read' : 'destroy'
          await operate({ name, effect, idempotent: true, request: () => get(name) }).catch((e: unknown) =>
            failures.push(e),
          )
        }
        return DONE
      },
      [{ json: {} }],
      { permissions: { policy: { effects: ['read', 'write'], deny: ['calendar.sync_*_get'] } } },
    )
    await ada.calendar.syncData('events', { direction: 'both' })
    expect(failures).toMatchObject([{ code: 'PERMISSION_DENIED', details: { toolName: 'sync_events_remove' } }])
    expect(transport.requests).toHaveLength(1)
  })

  it('names the syncs of the connector in the error for an unknown one', async () => {
    const { ada } = await connected(() => Promise.resolve(DONE))
    const failure = await ada.calendar.syncData('event' as 'events', { direction: 'pull' }).catch((e: unknown) => e)
    expect(failure).toMatchObject({ code: 'TOOL_NOT_SUPPORTED', details: { choices: ['events'] } })
  })

  it('rejects params that do not fit before the engine runs', async () => {
    const { ada } = await connected(() => Promise.reject(new Error('not reached')))
    const wrong = ada.calendar.syncData('events', { direction: 'pull', params: { calendar: 1 } as never })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed' } })
    const unknown = ada.calendar.syncData('events', { direction: 'pull', params: { calender: 'x' } as never })
    await expect(unknown).rejects.toMatchObject({ details: { issues: [{ path: 'calender' }] } })
  })

  it('names the capability to compose if none runs syncs', async () => {
    const mcp = createMcpClient({ connectors: { calendar: calendar() }, vault: vault({ store: memoryStore() }) })
    const failure = await mcp
      .as('ada')
      .calendar.syncData('events', { direction: 'pull' })
      .catch((e: unknown) => e)
    expect(failure).toMatchObject({ code: 'TOOL_NOT_SUPPORTED' })
    expect((failure as ConnectorError).advice).toContain('capabilities: [syncs(')
  })

  it('rejects two capabilities that run syncs', () => {
    const engine = engineOf(() => Promise.resolve(DONE))
    const compose = () => createMcpClient({ connectors: {}, capabilities: [engine, { ...engine, name: 'other' }] })
    expect(compose).toThrow(/capabilities\.1: runs syncs, as another capability does/)
  })
})

describe('defineConnector with syncs', () => {
  it('rejects a sync whose key is not a field of its item', () => {
    const define = () =>
      defineConnector({
        id: 'calendar',
        name: 'Calendar',
        baseUrl: 'https://calendar.example/',
        auth: bearer(),
        tools: {},
        syncs: { events: { ...events, key: 'uid' as 'id' } },
      })
    expect(define).toThrow(/the item of the sync "events" has no field "uid"/)
  })
})
