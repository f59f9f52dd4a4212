import { serveRequests } from '../processes/serve-requests.ts'
import { variants } from './variants.ts'
import type { Operation } from './variants.ts'

let operation: Operation = () => Promise.reject(new Error('Not opened.'))

async function repeat(times: number): Promise<void> {
  for (let done = 0; done < times; done++) await operation()
}

serveRequests({
  async open({ variant }: { readonly variant: string }) {
    const make = variants[variant]
    if (make === undefined) throw new Error(`There is no variant ${variant}.`)
    operation = await make()
  },
  repeat: ({ times }: { readonly times: number }) => repeat(times),
  /** Nanoseconds for one. */
  async time({ times }: { readonly times: number }): Promise<number> {
    const before = process.hrtime.bigint()
    await repeat(times)
    return Number(process.hrtime.bigint() - before) / times
  },
  /** Bytes allocated for one; needs `--expose-gc` and a nursery that holds all of it. */
  async allocate({ times }: { readonly times: number }): Promise<number> {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    await repeat(times)
    return (process.memoryUsage().heapUsed - before) / times
  },
})
