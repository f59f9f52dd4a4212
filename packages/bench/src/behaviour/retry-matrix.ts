import { startProcess } from '../processes/asked-process.ts'
import { effectKinds, failureKinds, retryClients as clients } from './retry-cells.ts'
import type { EffectKind, FailureKind, RetryClient } from './retry-cells.ts'

/** The requests that reached the server for one call. */
export interface RetryRow {
  readonly effect: EffectKind
  readonly failure: FailureKind
  readonly requests: Readonly<Record<RetryClient, number>>
}

/** Counts the requests that reach a server for each kind of call and of failure, with the retries of each client. */
export async function retryMatrix(): Promise<readonly RetryRow[]> {
  const server = startProcess('behaviour/failing-server-process.ts')
  const process = startProcess('behaviour/retry-matrix-process.ts')
  try {
    const base = await server.ask<string>('listen')
    const rows = effectKinds.flatMap((effect) => failureKinds.map((failure) => ({ effect, failure })))
    const cellOf = (client: RetryClient, { effect, failure }: Pick<RetryRow, 'effect' | 'failure'>) =>
      `${client}-${effect}-${failure}`
    for (const client of clients) {
      const cells = rows.map((row) => ({ effect: row.effect, url: `${base}/${cellOf(client, row)}/${row.failure}` }))
      await process.ask('fail', { client, cells })
    }
    const counts = await server.ask<Readonly<Record<string, number>>>('counts')
    return rows.map((row) => {
      const countOf = (client: RetryClient) => counts[cellOf(client, row)] ?? 0
      return {
        ...row,
        requests: {
          ours: countOf('ours'),
          ky: countOf('ky'),
          p_retry: countOf('p_retry'),
          octokit: countOf('octokit'),
        },
      }
    })
  } finally {
    await Promise.all([process.close(), server.close()])
  }
}

/** The failures after which a write may have happened. */
const UNCERTAIN: readonly FailureKind[] = ['internal_error', 'unavailable', 'reset', 'truncated', 'silent']
const UNREPEATABLE: readonly EffectKind[] = ['write', 'destroy']

/** Counts the requests that repeat a write which may have happened, and which the provider does not recognize. */
export const unsafeRepeats = (rows: readonly RetryRow[], client: RetryClient): number =>
  rows
    .filter(({ effect, failure }) => UNREPEATABLE.includes(effect) && UNCERTAIN.includes(failure))
    .reduce((sum, { requests }) => sum + requests[client] - 1, 0)

/** Counts the calls that can be repeated, and were not. */
export const missedRetries = (rows: readonly RetryRow[], client: RetryClient): number =>
  rows.filter(({ effect, requests }) => !UNREPEATABLE.includes(effect) && requests[client] < 2).length
