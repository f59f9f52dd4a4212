import { afterAll, describe, expect, it } from 'vitest'
import type { StoreAddress } from './open-store.ts'
import { openPlace } from './place.ts'
import { proveOneRefresh } from './prove-one-refresh.ts'
import { proveSurvival } from './prove-survival.ts'

const PROCESSES = 3

/**
 * Registers with vitest what several processes on one store do, for real, at a provider whose tokens last two seconds:
 * enough of it to find out what is broken. `soak.ts` does the same for as long as one likes.
 */
export async function severalProcesses(kind: StoreAddress['kind'], name: string): Promise<void> {
  const place = await openPlace(kind)
  const isMissing = place.missing !== undefined
  if (isMissing) process.stderr.write(`Several processes on ${name}: not tested: ${place.missing}\n`)
  afterAll(() => place.close())

  // Side by side, since most of their time they wait for tokens to end.
  const options = { concurrent: true, timeout: 60_000 }
  describe.skipIf(isMissing)(`several processes on ${name}, with tokens that last two seconds`, options, () => {
    it('refresh once for each expiry, and all of their calls succeed', async () => {
      const store = await place.newStore()
      expect(await proveOneRefresh({ store, processes: PROCESSES, width: 4, expiries: 3 })).toEqual([])
    })

    it('use a token twice only after its first user was killed', async () => {
      const seed = process.env['MCPCLIENT_SEED'] ?? 20_261_121
      const store = await place.newStore()
      const { complaints, lost } = await proveSurvival({ store, processes: PROCESSES, kills: 2, seed })
      expect(complaints).toEqual([])
      expect(lost).toBeGreaterThanOrEqual(1)
    })
  })
}
