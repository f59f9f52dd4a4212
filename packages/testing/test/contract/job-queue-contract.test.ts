import type { JobQueue } from '@mcpclient/core/jobs'
import { BrokenPromise, jobQueueChecks, memoryJobQueue } from '@mcpclient/testing'
import { jobQueueContract } from '@mcpclient/testing/contract'
import { describe, expect, it, vi } from 'vitest'

const open = () => {
  const queue = memoryJobQueue()
  return { queue, another: () => queue, empty: () => queue.empty() }
}

jobQueueContract(open, { name: 'the queue in memory' })

interface BrokenQueue {
  readonly fault: string
  readonly caughtBy: string
  readonly over: (good: JobQueue) => Partial<JobQueue>
  readonly anotherOf?: ((good: JobQueue) => JobQueue) | undefined
}

/** Creates a queue that keeps everything that is added, as one without a key for duplicates does. */
function listQueue({ isExclusive }: { readonly isExclusive: boolean }): JobQueue {
  const waiting: string[] = []
  const running = new Set<string>()
  return {
    add: async (ids) => void waiting.push(...ids),
    async work({ run, signal }) {
      const lane = async () => {
        while (!signal.aborted) {
          const at = waiting.findIndex((id) => !isExclusive || !running.has(id))
          const [id] = at < 0 ? [] : waiting.splice(at, 1)
          if (id === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
          else {
            running.add(id)
            await run(id)
            running.delete(id)
          }
        }
      }
      await Promise.all([lane(), lane()])
    },
  }
}

const brokenQueues: readonly BrokenQueue[] = [
  {
    fault: 'runs the newest job first',
    caughtBy: 'a job that was added before a worker started is run once',
    over: (good) => ({ add: (ids) => good.add(ids.toReversed()) }),
  },
  {
    fault: 'dispatches within one process only',
    caughtBy: 'a job is run while another process works',
    over: () => ({}),
    anotherOf: () => memoryJobQueue(),
  },
  {
    fault: 'keeps each job that is added while one waits',
    caughtBy: 'a job that waits is not added again',
    over: () => listQueue({ isExclusive: true }),
  },
  {
    fault: 'drops what is added while it runs',
    caughtBy: 'what is added while a job runs makes it run once more',
    over: (good) => {
      const running = new Set<string>()
      return {
        add: (ids) => good.add(ids.filter((id) => !running.has(id))),
        work: (worker) =>
          good.work({
            ...worker,
            run: async (id) => {
              running.add(id)
              await worker.run(id)
              running.delete(id)
            },
          }),
      }
    },
  },
  {
    fault: 'remembers the ids of jobs that have run',
    caughtBy: 'a job that has run can be added again',
    over: (good) => {
      const seen = new Set<string>()
      return { add: (ids) => good.add(ids.filter((id) => !seen.has(id) && seen.add(id))) }
    },
  },
  {
    fault: 'runs what is added beside the job that runs',
    caughtBy: 'no two processes run one job at once',
    over: () => listQueue({ isExclusive: false }),
  },
  {
    fault: 'runs one job more than the concurrency',
    caughtBy: 'jobs of other ids run beside a job, up to the concurrency',
    over: (good) => ({ work: (worker) => good.work({ ...worker, concurrency: worker.concurrency + 1 }) }),
  },
  {
    fault: 'abandons its jobs when it is stopped',
    caughtBy: 'a worker that is stopped ends its jobs and leaves the others',
    over: (good) => ({
      work: (worker) =>
        Promise.race([
          good.work(worker),
          new Promise<void>((resolve) => {
            worker.signal.addEventListener('abort', () => resolve())
          }),
        ]),
    }),
  },
  {
    fault: 'starts before it looks at the signal',
    caughtBy: 'a worker whose signal is aborted already runs nothing',
    over: (good) => ({
      work: async (worker) => {
        if (!worker.signal.aborted) return good.work(worker)
        const over = new AbortController()
        const working = good.work({ ...worker, signal: over.signal })
        over.abort()
        await working
      },
    }),
  },
  {
    fault: 'separates ids with a colon',
    caughtBy: 'an id has any printable characters',
    over: (good) => ({ add: (ids) => good.add(ids.map((id) => id.replaceAll(':', '_'))) }),
  },
  {
    fault: 'adds no more than a hundred jobs at once',
    caughtBy: 'many jobs are added at once',
    over: (good) => ({ add: (ids) => good.add(ids.slice(0, 100)) }),
  },
  {
    fault: 'keeps the mark of a waiting job that was lost',
    caughtBy: 'jobs are run after the queue was emptied',
    over: (good) => {
      const marks = new Set<string>()
      return {
        add: (ids) => good.add(ids.filter((id) => !marks.has(id) && marks.add(id))),
        work: (worker) => good.work({ ...worker, run: (id) => (marks.delete(id), worker.run(id)) }),
      }
    },
  },
]

describe('a queue is caught that', () => {
  it.each(brokenQueues)('$fault', async ({ caughtBy, over, anotherOf }) => {
    vi.useFakeTimers()
    try {
      const check = jobQueueChecks.find(({ name }) => name === caughtBy)
      const { queue: good, empty } = open()
      const queue: JobQueue = { ...good, ...over(good) }
      const failure = check?.run(queue, { another: () => anotherOf?.(good) ?? queue, empty })
      const settled = expect(failure).rejects.toThrow(BrokenPromise)
      await vi.advanceTimersByTimeAsync(30_000)
      await settled
    } finally {
      vi.useRealTimers()
    }
  })

  it('needs each check of the contract to catch one of them', () => {
    const needed = new Set(brokenQueues.map(({ caughtBy }) => caughtBy))
    expect(jobQueueChecks.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })
})
