import type { Store } from '@mcpclient/core'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { expectTypeOf, it } from 'vitest'
import { redisStore } from '../src/index.ts'

it('accepts every client of node-redis and ioredis', () => {
  expectTypeOf(redisStore(createClient())).toExtend<Store>()
  expectTypeOf(redisStore(createClientPool())).toExtend<Store>()
  expectTypeOf(redisStore(createCluster({ rootNodes: [] }))).toExtend<Store>()
  expectTypeOf(redisStore(createSentinel({ name: 'main', sentinelRootNodes: [] }))).toExtend<Store>()
  expectTypeOf(redisStore(new Redis({ lazyConnect: true }))).toExtend<Store>()
  expectTypeOf(redisStore(new Cluster([], { lazyConnect: true }))).toExtend<Store>()
})

it('returns a store with take', () => {
  expectTypeOf(redisStore(createClient()).take).toBeFunction()
})

it('rejects a client that cannot run scripts', () => {
  // @ts-expect-error an address is no client
  redisStore('redis://localhost')
  // @ts-expect-error a client with one half of what is needed
  redisStore({ eval: async () => 1 })
  // @ts-expect-error no such option
  redisStore(createClient(), { evict: 'allow' })
})
