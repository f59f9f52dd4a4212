import type { Clock, Health } from '@mcpclient/core'

/** `health` with what `ask` says of the server, and how long that took. */
export async function askedHealth(health: Health, clock: Clock, ask: () => Promise<Health['status']>): Promise<Health> {
  const started = clock.monotonic()
  try {
    const status = await ask()
    return { ...health, status, latencyMs: clock.monotonic() - started }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    return { ...health, status: 'unhealthy', latencyMs: clock.monotonic() - started, reason }
  }
}
