import { effects, failures, retryClientNames, retryClients } from '../behaviour/retry-cells.ts'
import { missedRetries, unsafeRepeats } from '../behaviour/retry-matrix.ts'
import type { RetryRow } from '../behaviour/retry-matrix.ts'
import { judge } from '../report/goal.ts'
import type { Goal } from '../report/goal.ts'
import type { Table } from '../report/table.ts'

export const retryTable = (rows: readonly RetryRow[]): Table => ({
  title: 'Requests that reach the server for one call, each client with its own retries',
  columns: ['call, failure', ...retryClients.map((client) => retryClientNames[client])],
  rows: [
    ...rows.map(({ effect, failure, requests }) => [
      `${effects[effect].name}, ${failures[failure]}`,
      ...retryClients.map((client) => requests[client]),
    ]),
    ['writes repeated although they may have happened', ...retryClients.map((client) => unsafeRepeats(rows, client))],
    ['repeatable calls that were not retried', ...retryClients.map((client) => missedRetries(rows, client))],
  ],
})

export const retryGoals = (rows: readonly RetryRow[]): Goal[] => [
  judge('G10', 'writes repeated although they may have happened', 'requests', unsafeRepeats(rows, 'ours'), {
    atMost: 0,
  }),
  judge('G10', 'repeatable calls that were not retried', 'calls', missedRetries(rows, 'ours'), { atMost: 0 }),
]
