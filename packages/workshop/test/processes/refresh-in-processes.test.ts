import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '@mcpclient/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { agree } from './agree.ts'
import type { ServerCounts } from './authorization-server.ts'
import { startChild } from './child.ts'
import type { Child } from './child.ts'
import type { WorkerSettings } from './messages.ts'
import type { StoreAddress } from './open-store.ts'

const REDIRECT_URI = 'http://127.0.0.1:9/callback'
const TOKEN_SECONDS = 2
const WORKERS = 3
const WIDTH = 4

type Place = Pick<StoreAddress, 'kind' | 'at'>

const folder = await mkdtemp(join(tmpdir(), 'mcpclient-processes-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

let files = 0
const places: readonly { readonly name: string; readonly place: () => Place }[] = [
  { name: 'one SQLite file', place: () => ({ kind: 'sqlite', at: join(folder, `${++files}.db`) }) },
]

async function startEverything({ place, answerDelayMs }: { readonly place: Place; readonly answerDelayMs: number }) {
  const server = await startChild(
    './authorization-server.ts',
    String(TOKEN_SECONDS),
    REDIRECT_URI,
    String(answerDelayMs),
  )
  const { issuer } = server.greeting as { readonly issuer: string }
  const settings: WorkerSettings = {
    store: { ...place, keys: randomBytes(32).toString('base64') },
    issuer,
    redirectUri: REDIRECT_URI,
  }
  const startWorker = () => startChild('./worker.ts', JSON.stringify(settings))
  const workers: Child[] = await Promise.all(Array.from({ length: WORKERS }, startWorker))
  const connect = async ([one, other]: readonly Child[]) => {
    if (one === undefined || other === undefined) throw new Error('It takes two processes.')
    const callback = await agree(await one.ask({ do: 'begin' }), REDIRECT_URI)
    expect(await other.ask({ do: 'complete', callback })).toBe('connected')
  }
  return {
    workers,
    startWorker,
    connect,
    counts: async () => (await (await fetch(`${issuer}/counts`)).json()) as ServerCounts,
    end: () => Promise.all([...workers, server].map((child) => child.kill())),
  }
}

describe.each(places)('several processes on $name, with tokens that last two seconds', ({ place }) => {
  it('renew once for each expiry, and all of their calls succeed', { timeout: 60_000 }, async () => {
    const { workers, connect, counts, end } = await startEverything({ place: place(), answerDelayMs: 20 })
    try {
      await connect(workers)
      for (let expiry = 1; expiry <= 2; expiry++) {
        await wait(TOKEN_SECONDS * 1000 + 100)
        const answers = await Promise.all(workers.map((worker) => worker.ask({ do: 'call', times: WIDTH })))
        expect(answers.flat()).toEqual(Array(WORKERS * WIDTH).fill('ok'))
        expect(await counts()).toMatchObject({ refreshes: expiry, refusals: 0 })
      }
      for (const worker of workers) await worker.ask({ do: 'loop', width: WIDTH })
      await wait(3 * TOKEN_SECONDS * 1000)
      const outcomes = await Promise.all(workers.map((worker) => worker.ask({ do: 'stop' })))
      for (const outcome of outcomes) expect(Object.keys(outcome)).toEqual(['ok'])
      const { shown, refusals } = await counts()
      expect(refusals).toBe(0)
      expect(Object.values(shown).every((times) => times === 1)).toBe(true)
      expect(Object.keys(shown).length).toBeGreaterThanOrEqual(4)
      for (const worker of workers) expect(await worker.ask({ do: 'status' })).toEqual({ state: 'active' })
    } finally {
      await end()
    }
  })

  it('killed at random, never spend a token twice but to find out that it was spent', { timeout: 90_000 }, async () => {
    const random = seededRandom(Number(process.env['MCPCLIENT_SEED'] ?? 20_261_121))
    const { workers, startWorker, connect, counts, end } = await startEverything({ place: place(), answerDelayMs: 150 })
    let lost = 0
    let killed = 0
    const reconnectIfLost = async () => {
      const status = await workers[0]?.ask({ do: 'status' })
      if (status?.state !== 'needs_reauth') return
      expect(status.reason).toBe('grant_lost')
      lost++
      await connect(workers)
    }
    const restart = async (victims: readonly number[]) => {
      killed += victims.length
      await Promise.all(victims.map(async (victim) => workers[victim]?.kill()))
      for (const victim of victims) workers[victim] = await startWorker()
      await reconnectIfLost()
      for (const victim of victims) await workers[victim]?.ask({ do: 'loop', width: WIDTH })
    }
    try {
      await connect(workers)
      for (const worker of workers) await worker.ask({ do: 'loop', width: WIDTH })
      for (let kills = 0; kills < 8; kills++) {
        await wait(200 + random() * 800)
        await restart([Math.floor(random() * workers.length)])
      }
      for (let kills = 0; kills < 2; kills++) {
        // All at once, in the moment when a token is spent and nobody has what it was spent for.
        while ((await counts()).unsent === 0) await wait(10)
        const before = lost
        await restart([...workers.keys()])
        for (let looks = 0; looks < 100 && lost === before; looks++) {
          await wait(100)
          await reconnectIfLost()
        }
      }
      // What the last of the killed held is taken over by then.
      await wait(5000)
      await reconnectIfLost()
      for (const worker of workers) await worker.ask({ do: 'stop' })
      for (const worker of workers) expect(await worker.ask({ do: 'call', times: 1 })).toEqual(['ok'])
      for (const worker of workers) expect(await worker.ask({ do: 'status' })).toEqual({ state: 'active' })
      const { shown } = await counts()
      const again = Object.values(shown).filter((times) => times > 1)
      // A token is shown again only by whoever takes over from a process that was killed while it spent it; and what
      // had been spent by then ended in a report, once.
      expect(again.length).toBe(lost)
      expect(again.reduce((sum, times) => sum + times - 1, 0)).toBeLessThanOrEqual(killed)
      expect(lost).toBeGreaterThanOrEqual(2)
    } finally {
      await end()
    }
  })
})
