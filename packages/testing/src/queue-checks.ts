import { must, mustBe } from './broken-promise.ts'
import { pause, queueCheck, until } from './queue-checks/queue-check.ts'
import type { QueueCheck } from './queue-checks/queue-check.ts'

const MANY = 300
const RUN_MS = 20
const CHARACTERS = Array.from({ length: 95 }, (_, at) => String.fromCodePoint(0x20 + at)).join('')
const MAX_LENGTH = 512

/** Every promise of the `JobQueue` port, for any test runner. With vitest, call `jobQueueContract`. */
export const jobQueueChecks: readonly QueueCheck[] = [
  queueCheck('a job that was added before a worker started is run once', async ({ queue, id, start }) => {
    await queue.add([id('a'), id('last')])
    const worker = start()
    await until('A worker must run what waits in the queue.', () => worker.ended.length >= 2)
    mustBe(worker.started, [id('a'), id('last')], 'Each job must run once, the one that waited longest first.')
  }),

  queueCheck('a job is run while another process works', async ({ queue, another, id, start }) => {
    const worker = start({ queue: await another() })
    await queue.add([id('a')])
    await until('A job that one process adds must run in another.', () => worker.ended.includes(id('a')))
  }),

  queueCheck('a job that waits is not added again', async ({ queue, id, start }) => {
    for (let n = 0; n < 5; n++) await queue.add([id('a')])
    await queue.add([id('a'), id('b'), id('a')])
    await queue.add([id('last')])
    const worker = start()
    await until('A worker must run what waits in the queue.', () => worker.ended.includes(id('last')))
    mustBe(worker.started, [id('a'), id('b'), id('last')], 'At most one job of an id may wait.')
  }),

  queueCheck('what is added while a job runs makes it run once more', async ({ queue, id, start }) => {
    const first = Promise.withResolvers<void>()
    const worker = start({ run: () => first.promise })
    await queue.add([id('a')])
    await until('A worker must run a job that is added.', () => worker.started.length >= 1)
    for (let n = 0; n < 5; n++) await queue.add([id('a')])
    first.resolve()
    await until('A job that is added while it runs must run once more.', () => worker.ended.length >= 2)
    await queue.add([id('last')])
    await until('A worker must run a job that is added.', () => worker.ended.includes(id('last')))
    mustBe(worker.started, [id('a'), id('a'), id('last')], 'A job that is added while it runs must run once more.')
  }),

  queueCheck('a job that has run can be added again', async ({ queue, id, start }) => {
    const worker = start()
    for (let n = 1; n <= 3; n++) {
      await queue.add([id('a')])
      await until('A job must run each time that it is added after its end.', () => worker.ended.length >= n)
    }
  }),

  queueCheck('no two processes run one job at once', async ({ queue, another, id, start }) => {
    let [running, runs, overlaps] = [0, 0, 0]
    const run = async () => {
      runs++
      if (++running > 1) overlaps++
      await queue.add([id('a')])
      await pause(RUN_MS)
      running--
    }
    const workers = [start({ concurrency: 3, run }), start({ queue: await another(), concurrency: 3, run })]
    await queue.add([id('a')])
    await until('A job that adds itself must run again.', () => runs >= 6)
    await Promise.all(workers.map((worker) => worker.stop()))
    mustBe(overlaps, 0, 'At most one job of an id may run.')
  }),

  queueCheck('jobs of other ids run beside a job, up to the concurrency', async ({ queue, id, start }) => {
    const all = Promise.withResolvers<void>()
    let [running, most] = [0, 0]
    const run = async () => {
      most = Math.max(most, ++running)
      await all.promise
      running--
    }
    const worker = start({ concurrency: 3, run })
    await queue.add(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => id(name)))
    await until('A worker must run as many jobs at once as its concurrency.', () => worker.started.length >= 3)
    await pause(RUN_MS)
    all.resolve()
    await until('A worker must run all jobs.', () => worker.ended.length >= 6)
    mustBe(most, 3, 'A worker must run no more jobs at once than its concurrency.')
  }),

  queueCheck('a worker that is stopped ends its jobs and leaves the others', async ({ queue, id, start }) => {
    const end = Promise.withResolvers<void>()
    const worker = start({ run: () => end.promise })
    await queue.add([id('a'), id('b')])
    await until('A worker must run what waits in the queue.', () => worker.started.length >= 1)
    const stopping = worker.stop()
    await pause(RUN_MS)
    must(!worker.hasStopped, 'work() must not resolve before its jobs have ended.')
    end.resolve()
    await stopping
    mustBe(worker.ended, [id('a')], 'A worker that is stopped must start no further job.')
    const next = start()
    await until('What a stopped worker left must run in the next one.', () => next.ended.includes(id('b')))
    mustBe(next.started, [id('b')], 'A job that has run must not run again.')
  }),

  queueCheck('a worker whose signal is aborted already runs nothing', async ({ queue, id, start }) => {
    await queue.add([id('a')])
    const started: string[] = []
    const run = async (job: string) => void started.push(job)
    await queue.work({ concurrency: 1, run, signal: AbortSignal.abort() })
    mustBe(started, [], 'A worker that is stopped must start no job.')
    const worker = start()
    await until('What a stopped worker left must run in the next one.', () => worker.ended.length >= 1)
  }),

  queueCheck('an id has any printable characters', async ({ queue, id, start }) => {
    const long = id(CHARACTERS.repeat(6)).slice(0, MAX_LENGTH)
    const ids = [id(CHARACTERS), long, `${long.slice(0, -1)}!`, id('A'), id('a'), id('a '), id('a:b'), id('a%2F')]
    await queue.add(ids)
    const worker = start()
    await until('Ids with any printable characters must run.', () => worker.ended.length >= ids.length)
    mustBe(worker.ended.toSorted(), ids.toSorted(), 'An id must arrive unchanged.')
  }),

  queueCheck('many jobs are added at once', async ({ queue, id, start }) => {
    const ids = Array.from({ length: MANY }, (_, at) => id(String(at)))
    await queue.add([])
    await queue.add(ids)
    const worker = start({ concurrency: 8 })
    await until('All jobs that were added must run.', () => worker.ended.length >= MANY)
    mustBe(worker.ended.toSorted(), ids.toSorted(), 'Each job must run once.')
  }),

  queueCheck('jobs are run after the queue was emptied', async ({ queue, empty, id, start }) => {
    const first = Promise.withResolvers<void>()
    const worker = start({ run: (job) => (job === id('running') ? first.promise : Promise.resolve()) })
    await queue.add([id('running')])
    await until('A worker must run a job that is added.', () => worker.started.length >= 1)
    await queue.add([id('running'), id('waiting')])
    await empty()
    first.resolve()
    await until('A worker must end its job though the queue was emptied.', () => worker.ended.length >= 1)
    await queue.add([id('running'), id('waiting')])
    await until('Jobs that are added after the queue was emptied must run.', () =>
      ['running', 'waiting'].every((name) => worker.started.lastIndexOf(id(name)) > 0),
    )
  }),
]
