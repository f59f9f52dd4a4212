import { setTimeout as wait } from 'node:timers/promises'
import type { StoreAddress } from './open-store.ts'
import { startHost, TOKEN_SECONDS } from './running-host.ts'
import { judgeTokenUses } from './judge-token-uses.ts'

/** Behind the end of the token, by every clock of one machine. */
const BEHIND_MS = 50
/** A younger token is not refreshed yet. */
const YOUNG_MS = TOKEN_SECONDS * 500

/**
 * Lets every process make calls at the same moment with a token that has ended, time after time.
 * @returns what was wrong, in a sentence each
 */
export async function proveOneRefresh(options: {
  readonly store: StoreAddress
  readonly processes: number
  /** Calls at once, in each process. */
  readonly width: number
  readonly expiries: number
}): Promise<readonly string[]> {
  const { store, processes, width, expiries } = options
  const host = await startHost({ store, processes, responseDelayMs: 20 })
  const found: string[] = []
  try {
    await host.connect()
    let before = 0
    for (let expiry = 1; expiry <= expiries; expiry++) {
      await wait(TOKEN_SECONDS * 1000 + BEHIND_MS)
      const startedAt = Date.now()
      const results = await Promise.all(host.workers().map(({ ask }) => ask({ do: 'call', times: width })))
      const failed = results.flat().filter((result) => result !== 'ok')
      if (failed.length > 0) found.push(`${failed.length} calls failed at expiry ${expiry}: ${failed.join(', ')}`)
      // On a slow machine, the new token may end during the calls.
      const isSlow = Date.now() - startedAt >= YOUNG_MS
      const after = (await host.uses()).length
      const refreshes = after - before
      if (refreshes !== 1 && !(isSlow && refreshes > 1))
        found.push(`${refreshes} refreshes were made at expiry ${expiry}`)
      before = after
    }
    const uses = await host.uses()
    for (const [index, { by, at }] of uses.entries()) {
      const ageMs = at - (uses[index - 1]?.at ?? -Infinity)
      if (ageMs < YOUNG_MS) found.push(`${by} refreshed a token that was ${ageMs} ms old`)
    }
    for (const { name, ask } of host.workers()) {
      const { state } = await ask({ do: 'status' })
      if (state !== 'active') found.push(`${name} ended ${state}`)
    }
    return [...found, ...judgeTokenUses({ uses: await host.uses(), killed: host.killed, lost: 0 })]
  } finally {
    await host.end()
  }
}
