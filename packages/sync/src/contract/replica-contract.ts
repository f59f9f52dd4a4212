import { describe, it } from 'vitest'
import type { Fields } from '../remote.ts'
import type { Replica } from '../replica.ts'
import { feedChecks } from './feed-checks.ts'
import { hostThrough } from './replica-check.ts'
import type { ReplicaHost } from './replica-check.ts'
import { writeChecks } from './write-checks.ts'

export interface ReplicaContractOptions<Opened extends Replica = Replica> {
  /**
   * The name of the replica in the tests' titles.
   * @default 'a replica'
   */
  readonly name?: string | undefined
  /**
   * Returns an item that a row can hold; another number gives another item.
   * @default { title: 'title 1', place: null }
   */
  readonly itemOf?: ((number: number) => Fields) | undefined
  /**
   * Writes rows as the host does, not the sync.
   * @default through the replica
   */
  readonly host?: ((replica: Opened) => ReplicaHost) | undefined
  /** Opens another replica over the same rows, with connections of its own: a second process. */
  readonly shared?: ((replica: Opened) => Opened | Promise<Opened>) | undefined
}

const CHECK_TIMEOUT_MS = 60_000

/**
 * Registers the contract of a {@link Replica} with vitest: one test for each promise.
 * @param makeReplica opens a replica without rows; called once per test
 */
export function replicaContract<Opened extends Replica>(
  makeReplica: () => Opened | Promise<Opened>,
  options: ReplicaContractOptions<Opened> = {},
): void {
  const { name = 'a replica', itemOf = titled, host = hostThrough, shared } = options
  describe(`the replica contract over ${name}`, () => {
    for (const check of [...feedChecks, ...writeChecks]) {
      it(check.name, { timeout: CHECK_TIMEOUT_MS }, async ({ skip }) => {
        if (check.needs === 'host' && options.host === undefined) skip('the host writes through the replica')
        const replica = await makeReplica()
        const other = shared === undefined ? replica : await shared(replica)
        const opened = host(replica)
        if (check.needs === 'begin' && opened.begin === undefined) skip('the host has no transactions')
        await check.run({ replica, other, host: opened, itemOf })
      })
    }
  })
}

const titled = (number: number): Fields => ({ title: `title ${number}`, place: null })
