import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '@mcpclient/testing'
import { judgeSpends } from './judge-spends.ts'
import type { StoreAddress } from './open-store.ts'
import { PATIENCE_MS, startHost } from './running-host.ts'
import type { RunningHost, Worker } from './running-host.ts'

export interface Survival {
  /** What was wrong, in a sentence each. */
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
 * Kills processes of a host while all of them call without a pause: the one that holds the lease before the provider has
 * looked at its token, which somebody else must then spend; the one that holds it after the token was redeemed, which
 * nobody can repair; and then whoever it hits, at any moment.
 */
export async function proveSurvival(options: {
  readonly store: StoreAddress
  readonly processes: number
  /** How often to kill at random. */
  readonly kills: number
  readonly seed: number | string
  readonly onKill?: ((done: number) => void) | undefined
}): Promise<Survival> {
  const { store, processes, kills, seed, onKill } = options
  const random = seededRandom(seed)
  const host = await startHost({ store, processes, answerDelayMs: 250 })
  const found: string[] = []
  let lost = 0

  const loop = (workers: readonly Worker[]) => Promise.all(workers.map(({ ask }) => ask({ do: 'loop', width: WIDTH })))
  const replace = async (names: readonly string[]): Promise<void> => void (await loop(await host.replace(names)))
  /** Whether the grant was lost since the last look; then the user has connected again. */
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
    const before = (await host.spends()).length
    await until('somebody takes the lease over', async () => (await host.spends()).length > before)
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
      const answers = await Promise.all(host.workers().map(({ ask }) => ask({ do: 'call', times: 1 })))
      return answers.flat().every((answer) => answer === 'ok')
    })
    found.push(...(await complaintsAtTheEnd(host)))
    const spends = await host.spends()
    return {
      complaints: [...found, ...judgeSpends({ spends, killed: host.killed, lost })],
      lost,
      killed: host.killed.size,
      refreshes: spends.length,
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
 * The status once it is no longer `degraded`: on a slow machine a refresh takes longer than its limit, and a later call
 * recovers the connection. That is no loss.
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
