import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
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

/** A process that has loaded everything and waits for the word. */
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

const inEachProcess = (job: (index: number) => Job): readonly Job[] =>
  Array.from({ length: PROCESSES }, (_, i) => job(i))

test('four processes that count by compare-and-swap lose no count', LIMIT, async () => {
  const file = folder.newFile()
  const counted = await runTogether(inEachProcess(() => ({ kind: 'count', file, key: 'count', times: 100 })))
  const store = sqliteStore({ file })
  expect([counted, (await store.get('count'))?.value]).toEqual([[100, 100, 100, 100], '400'])
  await store.close()
})

test('four processes are given one bucket between them', LIMIT, async () => {
  const file = folder.newFile()
  const given = await runTogether(inEachProcess(() => ({ kind: 'take', file, key: 'a', times: 100 })))
  expect(given.reduce((sum, each) => sum + each, 0)).toBe(BUCKET.capacity)
})

test('four processes that make the file at the same moment all find a store in it', LIMIT, async () => {
  const file = folder.newFile()
  const jobs = inEachProcess((index) => ({ kind: 'open', file, key: `by/${String(index)}` }))
  await runTogether(jobs)
  const store = sqliteStore({ file })
  expect((await store.list('by/')).entries).toHaveLength(PROCESSES)
  await store.close()
})

test('what a process wrote is there after it was killed in the middle of writing', LIMIT, async () => {
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
