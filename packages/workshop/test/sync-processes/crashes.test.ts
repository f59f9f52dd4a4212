import { afterAll, describe, expect, it } from 'vitest'
import { openPlace } from '../processes/place.ts'
import { crashHistory } from './crash-history.ts'

/**
 * `every`: processes are killed at every durable write, up to three times each. `all`: in PostgreSQL at every second one.
 * Otherwise at a few of them.
 */
const crashes = process.env['SYNC_CRASHES'] ?? ''
const isWhole = ['all', 'every'].includes(crashes)
const MINUTE = 60_000

/** Processes are killed at one of so many writes in a whole run. */
const variants = [
  { kind: 'sqlite', rows: 'table', oneOf: 1 },
  { kind: 'postgres', rows: 'table', oneOf: crashes === 'every' ? 1 : 2 },
  { kind: 'sqlite', rows: 'store', oneOf: 10 },
] as const

describe.concurrent.each(variants)('a sync in $kind with its rows in a $rows', async ({ kind, rows, oneOf }) => {
  const place = await openPlace(kind)
  if (place.missing !== undefined) process.stderr.write(`Killed syncs in ${kind}: not tested: ${place.missing}\n`)
  afterAll(() => place.close())

  it.skipIf(place.missing !== undefined)(
    'loses and duplicates nothing if its processes are killed at durable writes',
    { timeout: isWhole ? 30 * MINUTE : 5 * MINUTE },
    async () => {
      const began = performance.now()
      const size = isWhole ? { oneOf, rows, remote: 120, local: 80 } : { oneOf: 120, rows, remote: 30, local: 30 }
      const { complaints, ...counts } = await crashHistory({ store: await place.newStore(), ...size })
      expect(complaints).toEqual([])
      expect(counts.kills).toBeGreaterThan(0)
      if (isWhole)
        process.stderr.write(
          `${kind}, ${rows}: ${JSON.stringify(counts)}, ${Math.round(performance.now() - began)} ms\n`,
        )
    },
  )
})
