import { randomUUID } from 'node:crypto'
import process from 'node:process'
import type { Store } from '@mcpclient/core'
import { replicaContract } from '@mcpclient/sync/contract'
import { storeReplica } from '@mcpclient/sync/store-replica'
import type { StoreReplica } from '@mcpclient/sync/store-replica'
import { afterAll, describe } from 'vitest'
import { openStore } from '../processes/open-store.ts'
import { openPlace } from '../processes/place.ts'

const prefixes = new WeakMap<StoreReplica, string>()

const open = (store: Store, prefix: string): StoreReplica => {
  const replica = storeReplica(store, prefix)
  prefixes.set(replica, prefix)
  return replica
}

for (const kind of ['sqlite', 'postgres', 'redis'] as const) {
  const place = await openPlace(kind)
  const isMissing = place.missing !== undefined
  if (isMissing) process.stderr.write(`A replica in ${kind}: not tested: ${place.missing}\n`)
  const address = isMissing ? undefined : await place.newStore()
  // Two connections, like two processes.
  const stores = address && (await Promise.all([openStore(address), openStore(address)]))

  describe.skipIf(isMissing)(`in ${kind}`, () => {
    afterAll(async () => {
      for (const store of stores ?? []) await store.close?.()
      await place.close()
    })
    const [one, two] = stores ?? []
    replicaContract(() => open(one as Store, `replica/ada/${randomUUID()}`), {
      name: `an encrypted store in ${kind}`,
      shared: (replica) => open(two as Store, prefixes.get(replica) ?? ''),
    })
  })
}
