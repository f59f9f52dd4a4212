import { migrate, postgresStore } from '../src/index.ts'
import { drivers } from './drivers.ts'
import type { Driver } from './drivers.ts'

/** What a process of its own does in the database, as soon as it is told to start. */
export interface Job {
  /**
   * `count` adds one to the number under `key` by compare-and-swap; `take` takes a token, and reports how many it was
   * given; `migrate` makes the tables and writes an entry.
   */
  readonly kind: 'count' | 'take' | 'migrate'
  readonly driver: Driver
  readonly url: string
  readonly schema: string
  readonly key: string
  readonly times: number
}

export const BUCKET = { capacity: 50, perMs: 3_600_000, cost: 1 }

async function work({ kind, driver, url, schema, key, times }: Job): Promise<number> {
  const { client, end } = drivers[driver](url)
  const store = postgresStore(client, { schema })
  let given = 0
  if (kind === 'migrate') {
    await migrate(client, { schema })
    await store.put(key, 'here')
  }
  while (kind === 'count' && given < times) {
    const stored = await store.get(key)
    const next = String(Number(stored?.value ?? 0) + 1)
    if ('version' in (await store.put(key, next, { ifVersion: stored?.version ?? null }))) given++
  }
  for (let index = 0; kind === 'take' && index < times; index++) {
    if ((await store.take(key, BUCKET)).ok) given++
  }
  await end()
  return given
}

if (process.send !== undefined && process.argv[2] !== undefined) {
  const job = JSON.parse(process.argv[2]) as Job
  process.once('message', () => {
    void work(job).then((given) => {
      process.send?.({ given })
      process.disconnect()
    })
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')
}
