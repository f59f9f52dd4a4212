import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '@mcpclient/testing'
import { judgeTokenUses } from './judge-token-uses.ts'
import type { StoreAddress } from './open-store.ts'
import { PATIENCE_MS, startHost } from './running-host.ts'
import type { RunningHost, Worker } from './running-host.ts'

export interface Survival {
  /** The faults, a sentence for each. */
  readonly complaints: readonly string[]
  /** Grants that were lost, and reported so. */
  readonly lost: number
  readonly killed: number
  readonly refreshes: number
}

const WIDTH = 4
/** A part of this many of the random kills takes all processes at once. */
const ALL_OF = 4
const LOOK_MS = 50

/**
 * Kills processes of a host while all of them call without a pause. First the lease holder before the provider has read
 * its token, which another process must then use; next the lease holder after the token was redeemed, which cannot be
 * repaired; then random processes at random moments.
 */
export async function proveSurvival(options: {
  readonly store: StoreAddress
  readonly processes: number
  /** The number of random kills. */
  readonly kills: number
  readonly seed: number | string
  readonly onKill?: ((done: number) => void) | undefined
}): Promise<Survival> {
  const { store, processes, kills, seed, onKill } = options
  const random = seededRandom(seed)
  const host = await startHost({ store, processes, responseDelayMs: 250 })
  const found: string[] = []
  let lost = 0

  const loop = (workers: readonly Worker[]) => Promise.all(workers.map(({ ask }) => ask({ do: 'loop', width: WIDTH })))
  const replace = async (names: readonly string[]): Promise<void> => void (await loop(await host.replace(names)))
  /** Returns whether the grant was lost since the last check, after which the user has connected again. */
  const wasLost = async (): Promise<boolean> => {
    const { state, reason } = await settledStatus(() => host.workers()[0]?.ask({ do: 'status' }))
    if (state === 'active') return false
    if (reason !== 'grant_lost') throw new Error(`The connection is ${state}: ${reason}.`)
    lost++
    await host.connect()
    return true
  }

  try {
    await host.connect()
    await loop(host.workers())

    await replace([await host.hold('arrived')])
    const before = (await host.uses()).length
    await until('another process takes over the lease', async () => (await host.uses()).length > before)
    if (await wasLost()) found.push('a grant was lost though its token had not been spent')

    const holder = await host.hold('redeemed')
    await replace([holder])
    await until('the loss is reported', wasLost)

    for (let kill = 1; kill <= kills; kill++) {
      await wait(random() * 1000)
      const names = host.workers().map(({ name }) => name)
      const victim = names[Math.floor(random() * names.length)]
      await replace(random() < 1 / ALL_OF || victim === undefined ? names : [victim])
      await wasLost()
      onKill?.(kill)
    }

    await until('everybody can call again', async () => {
      await wasLost()
      const results = await Promise.all(host.workers().map(({ ask }) => ask({ do: 'call', times: 1 })))
      return results.flat().every((result) => result === 'ok')
    })
    found.push(...(await complaintsAtTheEnd(host)))
    const uses = await host.uses()
    return {
      complaints: [...found, ...judgeTokenUses({ uses, killed: host.killed, lost })],
      lost,
      killed: host.killed.size,
      refreshes: uses.length,
    }
  } finally {
    await host.end()
  }
}

interface Status {
  readonly state: string
  readonly reason?: string | undefined
}

/**
 * Returns the status once it is not `degraded` anymore: on a slow machine a refresh takes longer than its limit, and a
 * later call recovers the connection. That is no loss.
 */
export async function settledStatus(
  ask: () => Promise<Status> | undefined,
  options: { readonly patienceMs?: number; readonly recover?: () => Promise<unknown> } = {},
): Promise<Partial<Status>> {
  const end = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  for (;;) {
    const status: Partial<Status> = (await ask()) ?? {}
    if (status.state !== 'degraded' || performance.now() > end) return status
    await wait(LOOK_MS)
    await options.recover?.()
  }
}

async function complaintsAtTheEnd(host: RunningHost): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name, ask } of host.workers()) {
    const outcomes = Object.keys(await ask({ do: 'stop' }))
    const strange = outcomes.filter((outcome) => outcome !== 'ok' && outcome !== 'grant_lost')
    if (strange.length > 0) found.push(`calls of ${name} ended in ${strange.join(', ')}`)
    const { state } = await settledStatus(() => ask({ do: 'status' }), {
      recover: () => ask({ do: 'call', times: 1 }),
    })
    if (state !== 'active') found.push(`${name} ended ${state}`)
  }
  return found
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Waited ${PATIENCE_MS} ms, and not yet: ${what}.`)
    await wait(LOOK_MS)
  }
}
