import type { JobQueue, QueueWorker } from '@mcpclient/core/jobs'

export interface MemoryJobQueue extends JobQueue {
  /** The ids that wait, the one that waited longest first. */
  readonly waiting: readonly string[]
  /** Loses everything that waits, as a server does whose data was deleted. */
  empty(): void
}

/** Creates a queue in memory, for tests of hosts. Several clients that share it are the processes of one host. */
export function memoryJobQueue(): MemoryJobQueue {
  const waiting: string[] = []
  const running = new Set<string>()
  const dispatchers = new Set<() => void>()
  const dispatch = () => {
    for (const each of dispatchers) each()
  }
  return {
    waiting,
    empty() {
      waiting.length = 0
    },
    add(ids) {
      for (const id of ids) if (!waiting.includes(id)) waiting.push(id)
      dispatch()
      return Promise.resolve()
    },
    work({ concurrency, run, signal }: QueueWorker) {
      const own = new Set<string>()
      return new Promise((resolve) => {
        const start = (id: string) => {
          running.add(id)
          own.add(id)
          void run(id).finally(() => {
            running.delete(id)
            own.delete(id)
            dispatch()
          })
        }
        const take = () => {
          while (!signal.aborted && own.size < concurrency) {
            const at = waiting.findIndex((id) => !running.has(id))
            const [id] = at < 0 ? [] : waiting.splice(at, 1)
            if (id === undefined) break
            start(id)
          }
          if (!signal.aborted || own.size > 0) return
          dispatchers.delete(take)
          resolve()
        }
        dispatchers.add(take)
        signal.addEventListener('abort', take, { once: true })
        take()
      })
    },
  }
}
