import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import type { RenewalContext } from '../../src/vault/renewal/renewal-context.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import type { DetectedMutant } from './mutant.ts'

/** Changes every row that is read, except the read that checks whether a failed write succeeded. */
function misreading(context: RenewalContext, change: (record: ConnectionRecord) => ConnectionRecord): RenewalContext {
  let isDoubtful = false
  return {
    ...context,
    async read() {
      const row = await context.read()
      const looksBack = isDoubtful
      isDoubtful = false
      return row === undefined || looksBack ? row : { ...row, record: change(row.record) }
    },
    write: (record, ifVersion) =>
      context.write(record, ifVersion).catch((error: unknown) => {
        isDoubtful = true
        throw error
      }),
  }
}

/** Mutants of faults that occurred in practice, or similar ones. */
export const faultMutants: readonly DetectedMutant[] = [
  {
    name: 'a wait recorded by another host is followed, however long it is',
    model: 'strict',
    by: ['due_grants_are_refreshed', 'comes_to_rest'],
    context: (context) =>
      misreading(context, (record) => {
        const { trouble } = record
        const now = context.clock.now()
        if (trouble?.retryAt === undefined || now >= trouble.retryAt) return record
        return { ...record, trouble: { ...trouble, retryAt: now + 60_000 } }
      }),
  },
  {
    name: 'a lease lasts until its end by the wrong clock of its owner',
    model: 'keep',
    by: ['comes_to_rest', 'due_grants_are_refreshed', 'no_call_blocked'],
    context: (context) =>
      misreading(context, (record) => {
        const { lease } = record
        const now = context.clock.now()
        if (lease === undefined || lease.owner === context.owner || now >= lease.until) return record
        return { ...record, lease: { ...lease, until: now + context.random() } }
      }),
  },
  {
    name: 'a wait of days is recorded if the token endpoint requests it',
    model: 'strict',
    // A write whose acknowledgement was lost differs from the row.
    by: ['waits_are_bounded', 'events_are_emitted'],
    context(context) {
      let askedMs = 0
      return {
        ...context,
        exchange: (record, signal) =>
          context.exchange(record, signal).catch((error: unknown) => {
            askedMs = ConnectorError.is(error) ? (error.details.retryAfterMs ?? 0) : 0
            throw error
          }),
        write({ trouble, ...record }, ifVersion) {
          if (trouble?.retryAt === undefined || askedMs === 0) return context.write({ ...record, trouble }, ifVersion)
          const retryAt = context.clock.now() + askedMs
          return context.write({ ...record, trouble: { ...trouble, retryAt } }, ifVersion)
        },
      }
    },
  },
  {
    name: 'a store operation that never responds blocks later calls',
    model: 'strict',
    by: ['no_call_blocked', 'comes_to_rest'],
    staysStuck: true,
  },
  {
    name: 'a grant is dropped because its write hangs',
    model: 'strict',
    by: ['no_grant_lost', 'one_use_per_token'],
    losesStuck: true,
  },
  {
    name: 'a 401 that means "not allowed" refreshes the token for each call',
    model: 'keep',
    by: ['no_refresh_storm'],
    context: (context) => misreading(context, ({ refusedFresh: _forgotten, ...record }) => record),
  },
  {
    name: 'a refusal without a reason is treated as an outage forever',
    model: 'strict',
    by: ['comes_to_rest'],
    context: (context) =>
      misreading(context, ({ trouble, ...record }) => {
        const { unexplained: _forgotten, ...rest } = trouble ?? { reason: '', since: 0 }
        return trouble === undefined ? record : { ...record, trouble: rest }
      }),
  },
  {
    name: 'the keys of the server are not fetched again for an unknown key',
    model: 'keep',
    by: ['keys_are_fetched_again'],
    keepsKeys: true,
  },
]
