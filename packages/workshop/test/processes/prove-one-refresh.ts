import { setTimeout as wait } from 'node:timers/promises'
import type { StoreAddress } from './open-store.ts'
import { startHost, TOKEN_SECONDS } from './running-host.ts'
import { judgeTokenUses } from './judge-token-uses.ts'

/** Behind the end of the token, by every clock of one machine. */
const BEHIND_MS = 50

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
    for (let expiry = 1; expiry <= expiries; expiry++) {
      await wait(TOKEN_SECONDS * 1000 + BEHIND_MS)
      const results = await Promise.all(host.workers().map(({ ask }) => ask({ do: 'call', times: width })))
      const failed = results.flat().filter((result) => result !== 'ok')
      if (failed.length > 0) found.push(`${failed.length} calls failed at expiry ${expiry}: ${failed.join(', ')}`)
      const refreshes = (await host.uses()).length
      if (refreshes < expiry) found.push(`${refreshes} refreshes were made by expiry ${expiry}`)
    }
    // On a slow machine, a token may end during the calls.
    const uses = await host.uses()
    for (const [index, { by, at }] of uses.entries()) {
      const ageMs = at - (uses[index - 1]?.at ?? -Infinity)
      if (ageMs < TOKEN_SECONDS * 500) found.push(`${by} refreshed a token that was ${ageMs} ms old`)
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
