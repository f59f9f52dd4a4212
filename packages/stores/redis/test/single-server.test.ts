import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { driversContract } from './drivers-contract.ts'
import { openClient } from './open-client.ts'
import { hasRedis, HOW_TO_GET_REDIS, redisVersion, startRedis } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

const given = process.env['MCPCLIENT_REDIS_URL']
const available = given !== undefined || hasRedis
if (!available) process.stderr.write(`@mcpclient/redis: not tested: ${HOW_TO_GET_REDIS}\n`)

it('a Redis that this store knows is here', async ({ skip }) => {
  skip(!hasRedis, HOW_TO_GET_REDIS)
  expect(await redisVersion()).toMatch(/v=(?:6\.2|[7-9]|\d\d)\./)
})

describe.skipIf(!available)('one server', () => {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = given === undefined ? await startRedis() : undefined
  })
  afterAll(() => server?.close())

  driversContract({
    name: 'one server',
    open: (driver) => openClient(driver, given ?? server?.url ?? ''),
    timed: 'node-redis',
  })
})
