import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import type { RenewalContext } from '../../src/vault/renewal/renewal-context.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import type { Caught } from './mutant.ts'

/** Reads rows as `change` has them, but for the one that tells whether a failed write was made. */
function misreading(world: RenewalContext, change: (record: ConnectionRecord) => ConnectionRecord): RenewalContext {
  let isDoubtful = false
  return {
    ...world,
    async read() {
      const row = await world.read()
      const looksBack = isDoubtful
      isDoubtful = false
      return row === undefined || looksBack ? row : { ...row, record: change(row.record) }
    },
    write: (record, ifVersion) =>
      world.write(record, ifVersion).catch((error: unknown) => {
        isDoubtful = true
        throw error
      }),
  }
}

/** Each is a fault that was found in use, or one of its kind. */
export const faultMutants: readonly Caught[] = [
  {
    name: 'a wait that another host noted is believed, however long it is',
    model: 'strict',
    by: ['no_idle_look', 'comes_to_rest'],
    world: (world) =>
      misreading(world, (record) => {
        const { trouble } = record
        const now = world.clock.now()
        if (trouble?.retryAt === undefined || now >= trouble.retryAt) return record
        return { ...record, trouble: { ...trouble, retryAt: now + 60_000 } }
      }),
  },
  {
    name: 'a lease lasts until its owner, whose clock is wrong, says that it is over',
    model: 'keep',
    by: ['comes_to_rest', 'no_idle_look', 'no_call_blocked'],
    world: (world) =>
      misreading(world, (record) => {
        const { lease } = record
        const now = world.clock.now()
        if (lease === undefined || lease.owner === world.owner || now >= lease.until) return record
        return { ...record, lease: { ...lease, until: now + world.random() } }
      }),
  },
  {
    name: 'a wait of days is noted where the token endpoint asks for it',
    model: 'strict',
    // A write whose acknowledgement was lost does not look like what was written.
    by: ['waits_are_bounded', 'news_are_told'],
    world(world) {
      let askedMs = 0
      return {
        ...world,
        exchange: (record, signal) =>
          world.exchange(record, signal).catch((error: unknown) => {
            askedMs = ConnectorError.is(error) ? (error.details.retryAfterMs ?? 0) : 0
            throw error
          }),
        write({ trouble, ...record }, ifVersion) {
          if (trouble?.retryAt === undefined || askedMs === 0) return world.write({ ...record, trouble }, ifVersion)
          const retryAt = world.clock.now() + askedMs
          return world.write({ ...record, trouble: { ...trouble, retryAt } }, ifVersion)
        },
      }
    },
  },
  {
    name: 'an operation of the store that never responds blocks the calls that come later',
    model: 'strict',
    by: ['no_call_blocked', 'comes_to_rest'],
    staysStuck: true,
  },
  {
    name: 'a grant is dropped because its write is stuck',
    model: 'strict',
    by: ['no_grant_lost', 'one_spender'],
    losesStuck: true,
  },
  {
    name: 'a 401 that means "not allowed" refreshes the token for each call',
    model: 'keep',
    by: ['no_refresh_storm'],
    world: (world) => misreading(world, ({ refusedFresh: _forgotten, ...record }) => record),
  },
  {
    name: 'a refusal without a reason is taken for an outage for ever',
    model: 'strict',
    by: ['comes_to_rest'],
    world: (world) =>
      misreading(world, ({ trouble, ...record }) => {
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
