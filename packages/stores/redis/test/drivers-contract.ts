import { randomUUID } from 'node:crypto'
import { credentialScenarios, storeContract } from '@mcpclient/testing/contract'
import { afterAll, beforeAll } from 'vitest'
import { redisStore } from '../src/index.ts'
import { drivers } from './open-client.ts'
import type { Driver, OpenClient } from './open-client.ts'

/**
 * Registers the contract of the store port over each driver. The store that shares its data uses the other driver.
 * @param options.name the server of the drivers
 * @param options.open opens a client of a driver
 * @param options.timed the driver whose checks wait for the server's time; one is enough, because the scripts are the same
 */
export function driversContract(options: {
  readonly name: string
  readonly open: (driver: Driver) => Promise<OpenClient>
  readonly timed: Driver
}): void {
  const clients = new Map<Driver, OpenClient>()
  beforeAll(async () => {
    for (const driver of drivers) clients.set(driver, await options.open(driver))
  })
  afterAll(async () => {
    for (const { close } of clients.values()) await close()
  })

  const openStore = (driver: Driver, prefix = 'contract') => {
    const { client } = clients.get(driver) ?? {}
    if (client === undefined) throw new Error(`${driver} is not connected.`)
    return redisStore(client, { prefix, eviction: 'allow' })
  }
  for (const driver of drivers) {
    const other = drivers.find((each) => each !== driver) ?? driver
    storeContract(() => openStore(driver), {
      name: `${options.name} through ${driver}`,
      durable: async () => openStore(driver),
      shared: async () => openStore(other),
      ...(driver === options.timed && { advance: 'wait' }),
    })
  }

  let [prefix, stores] = ['', 0]
  credentialScenarios(
    () => {
      prefix = `scenario-${randomUUID()}`
      return openStore('node-redis', prefix)
    },
    {
      name: `${options.name} through both drivers`,
      shared: () => openStore(stores++ % 2 === 0 ? 'ioredis' : 'node-redis', prefix),
    },
  )
}
