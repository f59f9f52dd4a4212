import { sqliteStore } from '../src/index.ts'

/** What a process of its own does with the file, as soon as it is told to start. */
export type Job =
  /** Adds one to the number under `key`, by compare-and-swap, so many times. */
  | { readonly kind: 'count'; readonly file: string; readonly key: string; readonly times: number }
  /** Takes one token, so many times; reports how many it was given. */
  | { readonly kind: 'take'; readonly file: string; readonly key: string; readonly times: number }
  /** Opens the file and writes one key of its own. */
  | { readonly kind: 'open'; readonly file: string; readonly key: string }
  /** Writes one number after another, reports each when it is written, and never ends. */
  | { readonly kind: 'write'; readonly file: string; readonly key: string }

export const BUCKET = { capacity: 50, perMs: 3_600_000, cost: 1 }

async function work(job: Job): Promise<number> {
  const store = sqliteStore({ file: job.file })
  let given = 0
  if (job.kind === 'open') await store.put(job.key, 'here', { ifVersion: null })
  if (job.kind === 'count') {
    while (given < job.times) {
      const stored = await store.get(job.key)
      const next = String(Number(stored?.value ?? 0) + 1)
      const result = await store.put(job.key, next, { ifVersion: stored?.version ?? null })
      if ('version' in result) given++
    }
  }
  if (job.kind === 'take') {
    for (let index = 0; index < job.times; index++) if ((await store.take(job.key, BUCKET)).ok) given++
  }
  if (job.kind === 'write') {
    for (;;) {
      await store.put(job.key, String(++given))
      process.send?.({ written: given })
    }
  }
  await store.close()
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
