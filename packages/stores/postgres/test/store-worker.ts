import { migrate, postgresStore } from '../src/index.ts'
import { drivers } from './drivers.ts'
import type { Driver } from './drivers.ts'

/** The work of a separate process in the database, which begins with the start message. */
export interface Job {
  /**
   * `share` takes tokens from the bucket under `key`, increments the number under it as often by compare-and-swap, and
   * reports the number of tokens. `migrate` creates the tables and writes an entry.
   */
  readonly kind: 'share' | 'migrate'
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
  for (let index = 0; kind === 'share' && index < times; index++) {
    if ((await store.take(key, BUCKET)).ok) given++
  }
  for (let counted = 0; kind === 'share' && counted < times;) {
    const stored = await store.get(key)
    const next = String(Number(stored?.value ?? 0) + 1)
    if ('version' in (await store.put(key, next, { ifVersion: stored?.version ?? null }))) counted++
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
