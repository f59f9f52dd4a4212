import { afterAll, describe, expect, it } from 'vitest'
import { openPlace } from '../processes/place.ts'
import { shareAccount } from './two-processes.ts'

const SECONDS = Number(process.env['SYNC_SHARED_SECONDS'] ?? 3)

describe.concurrent.each(['sqlite', 'postgres'] as const)('two processes that sync one account in %s', async (kind) => {
  const place = await openPlace(kind)
  if (place.missing !== undefined) process.stderr.write(`A shared account in ${kind}: not tested: ${place.missing}\n`)
  afterAll(() => place.close())

  it.skipIf(place.missing !== undefined)(
    'lose and duplicate nothing if they are frozen for longer than their lease, or killed',
    { timeout: (SECONDS + 120) * 1000 },
    async () => {
      const seed = process.env['MCPCLIENT_SEED'] ?? 20_261_201
      const { complaints, ...counts } = await shareAccount({
        store: await place.newStore(),
        forMs: SECONDS * 1000,
        seed,
      })
      expect(complaints).toEqual([])
      expect([counts.records, counts.frozen + counts.killed]).not.toContain(0)
      if (SECONDS >= 60) process.stderr.write(`${kind}: ${JSON.stringify(counts)}\n`)
    },
  )
})
