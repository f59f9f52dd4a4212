import { setTimeout as pause } from 'node:timers/promises'

/** Returns the CPU time of this process in milliseconds per second, while nothing is asked of it. */
export async function idleCpu({ forMs }: { readonly forMs: number }): Promise<number> {
  const before = process.cpuUsage()
  const since = performance.now()
  await pause(forMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (performance.now() - since)
}
