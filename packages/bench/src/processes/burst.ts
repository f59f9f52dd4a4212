export interface Burst {
  readonly calls: number
  readonly concurrency: number
}

/** Microseconds for one call. */
export interface BurstCost {
  readonly wallUs: number
  /** Of this process, all threads. */
  readonly cpuUs: number
}

export const wall = ({ wallUs }: BurstCost): number => wallUs
export const cpu = ({ cpuUs }: BurstCost): number => cpuUs

/** Makes a number of calls with a fixed concurrency, and returns the cost of one. */
export async function measureBurst(call: () => Promise<unknown>, burst: Burst): Promise<BurstCost> {
  // Sockets that were closed meanwhile are opened again before the measurement.
  await many(call, { calls: burst.concurrency * 2, concurrency: burst.concurrency })
  const cpuBefore = process.cpuUsage()
  const before = performance.now()
  await many(call, burst)
  const wallMs = performance.now() - before
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wallUs: (wallMs * 1000) / burst.calls, cpuUs: (user + system) / burst.calls }
}

async function many(call: () => Promise<unknown>, { calls, concurrency }: Burst): Promise<void> {
  let left = calls
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}
