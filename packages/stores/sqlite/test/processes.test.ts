import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { BUCKET } from './store-worker.ts'
import type { Job } from './store-worker.ts'
import { temporaryFolder } from './temporary-folder.ts'

const LIMIT = { timeout: 60_000 }
const PROCESSES = 4
const folder = temporaryFolder()
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const worker of running) worker.kill('SIGKILL')
})

/** Starts a process that has loaded everything and waits for the start message. */
async function prepare(job: Job): Promise<ChildProcess> {
  const worker = fork(join(import.meta.dirname, 'store-worker.ts'), [JSON.stringify(job)], {
    execArgv: ['--conditions=@mcpclient/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.add(worker)
  worker.once('exit', () => running.delete(worker))
  await once(worker, 'message')
  return worker
}

/** Lets all begin at the same moment; what each reports at its end. */
async function runTogether(jobs: readonly Job[]): Promise<readonly number[]> {
  const workers = await Promise.all(jobs.map(prepare))
  return Promise.all(
    workers.map(async (worker) => {
      const report = once(worker, 'message')
      const exit = once(worker, 'exit').then(([code]) =>
        Promise.reject(new Error(`A worker ended with ${String(code)}.`)),
      )
      worker.send('start')
      const [message] = (await Promise.race([report, exit])) as [{ readonly given: number }]
      await exit.catch(() => {})
      return message.given
    }),
  )
}

it(
  'four processes that make the file at the same moment share one store in it, its bucket and its counts',
  LIMIT,
  async () => {
    const file = folder.newFile()
    const jobs = Array.from({ length: PROCESSES }, (_, i): Job => ({ kind: 'share', file, key: `by/${i}`, times: 100 }))
    const given = await runTogether(jobs)
    const store = sqliteStore({ file })
    expect((await store.list('by/')).entries).toHaveLength(PROCESSES)
    expect(given.reduce((sum, each) => sum + each, 0)).toBe(BUCKET.capacity)
    expect((await store.get('count'))?.value).toBe('400')
    await store.close()
  },
)

it('preserves the writes of a process that was killed while writing', LIMIT, async () => {
  const file = folder.newFile()
  const worker = await prepare({ kind: 'write', file, key: 'count' })
  let written = 0
  worker.on('message', (message: { readonly written: number }) => {
    written = message.written
    if (written === 50) worker.kill('SIGKILL')
  })
  const exit = once(worker, 'exit')
  worker.send('start')
  await exit
  const store = sqliteStore({ file })
  expect(written).toBeGreaterThanOrEqual(50)
  // It may have written more, and been killed before it could say so.
  expect(Number((await store.get('count'))?.value)).toBeGreaterThanOrEqual(written)
  expect(await store.put('count', 'next')).toHaveProperty('version')
  await store.close()
})
