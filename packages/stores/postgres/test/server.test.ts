import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createFakeClock } from '@mcpclient/testing'
import { credentialScenarios, storeContract } from '@mcpclient/testing/contract'
import { ConnectorError } from '@mcpclient/core'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { migrate, postgresStore } from '../src/index.ts'
import { queryThrough } from '../src/postgres-client.ts'
import type { PostgresValue } from '../src/postgres-client.ts'
import { drivers } from './drivers.ts'
import type { Driver, Opened } from './drivers.ts'
import { NO_SERVER, startPostgres } from './postgres-server.ts'
import { BUCKET } from './store-worker.ts'
import type { Job } from './store-worker.ts'

const LIMIT = { timeout: 60_000 }
const PROCESSES = 4
const DAY_MS = 86_400_000
const DRIVERS = ['pg', 'postgres.js'] as const
const server = await startPostgres()
const url = server?.url ?? ''
/** A schema of this run, because the server may be an existing one. */
const schema = `contract_${randomUUID().replaceAll('-', '')}`
const opened = new Set<Opened>()
const running = new Set<ChildProcess>()

const open = (driver: Driver, settings?: string): Opened['client'] => {
  const each = drivers[driver](url, settings)
  opened.add(each)
  return each.client
}

afterEach(() => {
  vi.useRealTimers()
})

afterAll(async () => {
  for (const worker of running) worker.kill('SIGKILL')
  try {
    if (server !== undefined) await queryThrough(open('pg'))(`drop schema if exists ${schema}, ${schema}_new cascade`)
    await Promise.all([...opened].map(async ({ end }) => end()))
  } finally {
    await server?.stop()
  }
})

if (server === undefined) process.stderr.write(`Skipped: ${NO_SERVER}\n`)

describe.skipIf(server === undefined)('on a real server', () => {
  describe.each(DRIVERS)('through %s', (driver) => {
    const clock = createFakeClock()
    const [one, two] = [open(driver), open(driver)]
    const openStore = async (client = one) => {
      await migrate(client, { schema })
      return postgresStore(client, { schema, clock })
    }

    storeContract(() => openStore(), {
      name: `PostgreSQL, through ${driver}`,
      advance: clock.advance,
      durable: () => openStore(two),
      shared: () => openStore(two),
    })

    it('loses no count and no token at a default isolation level that fails on conflicts', LIMIT, async () => {
      const store = await openStore(open(driver, '-c default_transaction_isolation=serializable'))
      const key = `serializable/${driver}`
      const increment = async (): Promise<void> => {
        for (;;) {
          const stored = await store.get(key)
          const next = String(Number(stored?.value ?? 0) + 1)
          if ('version' in (await store.put(key, next, { ifVersion: stored?.version ?? null }))) return
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      expect((await store.get(key))?.value).toBe('20')
      const taken = await Promise.all(Array.from({ length: 80 }, async () => store.take(key, BUCKET)))
      expect(taken.filter((result) => result.ok).length).toBe(BUCKET.capacity)
      await Promise.all(Array.from({ length: 20 }, (_, index) => store.put(key, `by ${String(index)}`)))
    })

    it('shares one bucket among four processes, and loses no count', LIMIT, async () => {
      const store = await openStore()
      const key = `processes/${driver}`
      const given = await runTogether(inEachProcess({ kind: 'share', driver, key, times: 100 }))
      expect(given.reduce((sum, each) => sum + each, 0)).toBe(BUCKET.capacity)
      expect((await store.get(key))?.value).toBe('400')
    })

    it('reports an unreachable database with advice and without the password', async () => {
      const { client, end } = drivers[driver]('postgres://ada:letmein@127.0.0.1:1/app')
      const error: unknown = await postgresStore(client)
        .put('a', 'secret')
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'not_processed' } })
      expect(JSON.stringify(error) + String(error)).not.toMatch(/secret|letmein/)
      await end()
    })

    it('reports missing tables with the way to create them', async () => {
      const error: unknown = await postgresStore(one, { schema: 'nowhere' })
        .get('a')
        .catch((reason: unknown) => reason)
      expect(ConnectorError.is(error) && [error.code, error.advice]).toEqual([
        'CONFIGURATION_ERROR',
        'Call `await migrate(client)` with the same schema and table before the store is used.',
      ])
    })
  })

  const [first, others] = [open('pg'), open('postgres.js')]
  let [tables, clients] = [0, 0]
  const place = () => ({ schema, table: `scenario_${tables}` })
  credentialScenarios(
    async () => {
      tables++
      await migrate(first, place())
      return postgresStore(first, place())
    },
    {
      name: 'PostgreSQL, through both drivers',
      shared: () => postgresStore(clients++ % 2 === 0 ? others : first, place()),
    },
  )

  it('creates the tables for many concurrent migrations, in this process and in others', LIMIT, async () => {
    const place = { schema: `${schema}_new` }
    const here = Array.from({ length: 8 }, (_, index) => open(index % 2 === 0 ? 'pg' : 'postgres.js'))
    await Promise.all(here.map((client) => migrate(client, place)))
    const ask = queryThrough(open('pg'))
    await ask(`drop schema ${place.schema} cascade`)
    const jobs = DRIVERS.flatMap((driver) => [1, 2].map((index) => ({ driver, key: `by/${driver}/${String(index)}` })))
    await runTogether(jobs.map((job): Job => ({ ...job, ...place, url, kind: 'migrate', times: 1 })))
    expect((await postgresStore(open('pg'), place).list('by/')).entries).toHaveLength(jobs.length)
    expect(await ask(`select id from ${place.schema}.entries_migrations`)).toEqual([{ id: '0001_entries_and_buckets' }])
  })

  it('writes overlapping batches in any order without a deadlock', LIMIT, async () => {
    const ask = queryThrough(open('pg'))
    const states: unknown[] = []
    const client = {
      async query(text: string, values?: PostgresValue[]) {
        try {
          return { rows: await ask(text, values) }
        } catch (error) {
          states.push(error)
          throw error
        }
      },
    }
    await migrate(client, { schema })
    const store = postgresStore(client, { schema })
    const keys = Array.from({ length: 200 }, (_, index) => `overlapping/${String(index)}`)
    for (let round = 0; round < 10; round++) {
      const results = await store.batch(keys.map((key) => ({ key, value: 'first' })))
      const versions = results.map((result) => ('version' in result ? result.version : ''))
      // Each of the two swaps the rows that the other one puts.
      const swapHalf = (half: number) =>
        store.batch(
          keys.map((key, index) =>
            index % 2 === half ? { key, value: 'swap', ifVersion: versions[index] ?? '' } : { key, value: 'put' },
          ),
        )
      await Promise.all([swapHalf(0), swapHalf(1)])
    }
    expect(states).toEqual([])
  })

  // Not over PGlite: its server lives in this process, and reads the same clock.
  it('a host whose clock is a day off neither loses entries nor keeps them: time is the server’s', LIMIT, async () => {
    const client = open('pg')
    const ask = queryThrough(client)
    await migrate(client, { schema })
    const store = postgresStore(client, { schema })
    const bucket = { capacity: 2, perMs: 60_000, cost: 2 }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS })
    await store.put('time/a', 'x', { ttlMs: 60_000 })
    expect(await store.take('time/b', bucket)).toEqual({ ok: true, waitMs: 0 })
    const inAMinute = await ask(`select key from ${schema}.entries
      where key = 'time/a' and expires_at between now() + interval '30 s' and now() + interval '60 s'`)
    expect(inAMinute).toHaveLength(1)
    vi.setSystemTime(Date.now() + DAY_MS)
    expect((await store.get('time/a'))?.value).toBe('x')
    expect(await store.take('time/b', bucket)).toHaveProperty('ok', false)
    vi.useRealTimers()
    await ask(`update ${schema}.entries set expires_at = now() - interval '1 ms' where key = 'time/a'`)
    await ask(`update ${schema}.entries_buckets set at_ms = at_ms - 60000 where key = 'time/b'`)
    expect(await store.get('time/a')).toBeUndefined()
    expect(await store.take('time/b', bucket)).toEqual({ ok: true, waitMs: 0 })
  })

  it('returns nothing to another role, with or without privileges', LIMIT, async () => {
    const owner = open('pg')
    const ask = queryThrough(owner)
    await migrate(owner, { schema })
    await postgresStore(owner, { schema }).put('a', 'secret')
    const role = `visitor_${schema}`.slice(0, 40)
    const asVisitor = new URL(url)
    asVisitor.username = role
    asVisitor.password = 'visitor'
    await ask(`create role ${role} login password 'visitor'`)
    try {
      const { client, end } = drivers.pg(asVisitor.href)
      const visitor = postgresStore(client, { schema })
      const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR', details: expect.anything() })
      await expect(visitor.get('a')).rejects.toEqual(refused)
      await ask(`grant usage on schema ${schema} to ${role}`)
      await ask(`grant all on all tables in schema ${schema} to ${role}`)
      expect(await visitor.get('a')).toBeUndefined()
      expect((await visitor.list('')).entries).toEqual([])
      await expect(visitor.put('b', 'mine')).rejects.toEqual(refused)
      await expect(visitor.put('a', 'mine')).rejects.toEqual(refused)
      await end()
    } finally {
      await ask(`drop owned by ${role}`)
      await ask(`drop role ${role}`)
    }
    expect((await postgresStore(owner, { schema }).get('a'))?.value).toBe('secret')
  })
})

const inEachProcess = (job: Pick<Job, 'kind' | 'driver' | 'key' | 'times'>): readonly Job[] =>
  Array.from({ length: PROCESSES }, () => ({ ...job, url, schema }))

/** Lets processes that have loaded everything begin at the same moment; what each reports at its end. */
async function runTogether(jobs: readonly Job[]): Promise<readonly number[]> {
  const workers = await Promise.all(
    jobs.map(async (job) => {
      const worker = fork(join(import.meta.dirname, 'store-worker.ts'), [JSON.stringify(job)], {
        execArgv: ['--conditions=@mcpclient/source'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      running.add(worker)
      worker.once('exit', () => running.delete(worker))
      await once(worker, 'message')
      return worker
    }),
  )
  return Promise.all(
    workers.map(async (worker) => {
      const report = once(worker, 'message')
      const exit = once(worker, 'exit').then(([code]) =>
        Promise.reject(new Error(`A worker ended with ${String(code)}.`)),
      )
      worker.send('start')
      const [message] = (await Promise.race([report, exit])) as [{ readonly given: number }]
      await exit.catch(() => {})
      return message.given
    }),
  )
}
