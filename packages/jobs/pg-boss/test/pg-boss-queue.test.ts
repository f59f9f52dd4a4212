import { randomUUID } from 'node:crypto'
import { pgBossQueue } from '@mcpclient/pg-boss'
import { errorOf } from '@mcpclient/testing'
import { jobQueueContract } from '@mcpclient/testing/contract'
import { PgBoss } from 'pg-boss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from './start-server.ts'

const server = await startServer()
const { url = '', missing } = server
afterAll(() => server.stop())
if (missing !== undefined) process.stderr.write(`@mcpclient/pg-boss: not tested: ${missing}\n`)

const rowsOf = async (boss: PgBoss, name: string): Promise<number> => (await boss.findJobs(name)).length

describe.skipIf(missing !== undefined)('pg-boss', () => {
  let one: PgBoss
  let other: PgBoss
  const problems: string[] = []
  beforeAll(async () => {
    const open = () =>
      new PgBoss({ connectionString: url, max: 6 }).on('error', (error) => problems.push(error.message))
    one = await open().start()
    other = await open().start()
  })
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()])
  })

  jobQueueContract(
    () => {
      const name = randomUUID()
      return {
        queue: pgBossQueue(one, { name, pollMs: 500 }),
        another: () => pgBossQueue(other, { name, pollMs: 500 }),
        empty: async () => void (await one.deleteAllJobs(name)),
      }
    },
    { name: 'pg-boss' },
  )

  it('reported no error during the contract', () => {
    expect(problems).toEqual([])
  })

  it('keeps no row of a job that has run', async () => {
    const name = randomUUID()
    const queue = pgBossQueue(one, { name, pollMs: 500 })
    const over = new AbortController()
    let runs = 0
    const run = async () => {
      if (++runs === 1) await queue.add(['a'])
      else over.abort()
    }
    await queue.add(['a'])
    expect(await rowsOf(one, name)).toBe(1)
    await queue.work({ concurrency: 1, run, signal: over.signal })
    expect(await rowsOf(one, name)).toBe(0)
  })

  it('creates its queue again after it was deleted', async () => {
    const name = randomUUID()
    const queue = pgBossQueue(one, { name })
    await queue.add(['a'])
    await one.deleteQueue(name)
    await expect(queue.add(['a'])).rejects.toThrow()
    await queue.add(['a'])
    expect(await rowsOf(one, name)).toBe(1)
  })

  it('rejects a queue with another policy', async () => {
    const name = randomUUID()
    await one.createQueue(name, { policy: 'standard' })
    const queue = pgBossQueue(one, { name })
    const error = await errorOf(queue.add(['a']))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(error.message).toBe(`The pg-boss queue ${name} has the policy standard.`)
  })
})

it.each([0, 499, NaN, Infinity])('rejects a pollMs of %d', (pollMs) => {
  expect(() => pgBossQueue({} as PgBoss, { pollMs })).toThrow('The pollMs of pgBossQueue() is below 500.')
})

it.each([0, 9999, NaN, Infinity])('rejects a heartbeatMs of %d', (heartbeatMs) => {
  expect(() => pgBossQueue({} as PgBoss, { heartbeatMs })).toThrow('The heartbeatMs of pgBossQueue() is below 10000.')
})
