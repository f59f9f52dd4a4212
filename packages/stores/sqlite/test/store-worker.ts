import { sqliteStore } from '../src/index.ts'

/** The work of a separate process with the file, which begins with the start message. */
export type Job =
  /**
   * Opens the file and writes its own key. Takes a token and increments the number under `count` as often as `times`
   * says, by compare-and-swap. Reports the number of tokens.
   */
  | { readonly kind: 'share'; readonly file: string; readonly key: string; readonly times: number }
  /** Writes one number after another, reports each when it is written, and never ends. */
  | { readonly kind: 'write'; readonly file: string; readonly key: string }

export const BUCKET = { capacity: 50, perMs: 3_600_000, cost: 1 }

async function work(job: Job): Promise<number> {
  const store = sqliteStore({ file: job.file })
  let given = 0
  if (job.kind === 'share') {
    await store.put(job.key, 'here', { ifVersion: null })
    for (let index = 0; index < job.times; index++) if ((await store.take('bucket', BUCKET)).ok) given++
    for (let counted = 0; counted < job.times;) {
      const stored = await store.get('count')
      const next = String(Number(stored?.value ?? 0) + 1)
      if ('version' in (await store.put('count', next, { ifVersion: stored?.version ?? null }))) counted++
    }
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
