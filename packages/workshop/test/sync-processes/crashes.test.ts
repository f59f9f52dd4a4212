import { afterAll, describe, expect, it } from 'vitest'
import { openPlace } from '../processes/place.ts'
import { crashHistory } from './crash-history.ts'

/** `all`: processes are killed at every durable write, up to three times each. Otherwise at a few of them. */
const isWhole = process.env['SYNC_CRASHES'] === 'all'
/** A process with a PostgreSQL client starts half as fast, so every second write has to do. */
const ALL = { sqlite: 1, postgres: 2 }
const MINUTE = 60_000

describe.concurrent.each(['sqlite', 'postgres'] as const)('a sync in %s', async (kind) => {
  const place = await openPlace(kind)
  if (place.missing !== undefined) process.stderr.write(`Killed syncs in ${kind}: not tested: ${place.missing}\n`)
  afterAll(() => place.close())

  it.skipIf(place.missing !== undefined)(
    'loses and duplicates nothing if its processes are killed at durable writes',
    { timeout: isWhole ? 30 * MINUTE : 2 * MINUTE },
    async () => {
      const began = performance.now()
      const size = isWhole ? { oneOf: ALL[kind], remote: 120, local: 80 } : { oneOf: 60, remote: 30, local: 30 }
      const { complaints, ...counts } = await crashHistory({ store: await place.newStore(), ...size })
      expect(complaints).toEqual([])
      expect(counts.kills).toBeGreaterThan(10)
      if (isWhole)
        process.stderr.write(`${kind}: ${JSON.stringify(counts)}, ${Math.round(performance.now() - began)} ms\n`)
    },
  )
})
