import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import { simulatedProvider } from '@mcpclient/testing/simulators'
import type { SimulatedProvider, SimulatedProviderOptions } from '@mcpclient/testing/simulators'
import { createSyncEngine } from '../src/index.ts'
import type {
  Parked,
  Remote,
  RemoteTraits,
  Replica,
  RunOptions,
  SyncEngine,
  SyncEngineOptions,
  SyncResult,
} from '../src/index.ts'
import { fastKeys } from './simulation/fast-keys.ts'
import { simulatedReplica } from './simulated-replica.ts'
import type { SimulatedReplica } from './simulated-replica.ts'

export interface Scene {
  readonly provider: SimulatedProvider
  readonly replica: SimulatedReplica
  readonly store: Store
  readonly clock: FakeClock
  /** Runs one round. Merges two full sides. */
  run(limits?: RunOptions): Promise<SyncResult>
  /** Another engine over the same ports and state. */
  engine(options?: Partial<SyncEngineOptions>): SyncEngine
  parked(): Promise<readonly Parked[]>
  /** Titles at the provider and at the host, in order. */
  titles(): { readonly remote: readonly string[]; readonly local: readonly string[] }
}

export interface SceneOptions {
  readonly provider?: Partial<SimulatedProviderOptions>
  readonly traits?: Partial<RemoteTraits>
  readonly engine?: Partial<SyncEngineOptions>
  /** Changes the provider's port. */
  readonly remote?: (remote: Remote) => Remote
  /** Changes the host's port. */
  readonly wrapReplica?: (replica: Replica) => Replica
}

export const PREFIX = 'sync/scene'

/** Creates a provider without faults, a host, and an engine between them. */
export function createScene(options: SceneOptions = {}): Scene {
  const clock = createFakeClock()
  const provider = simulatedProvider({
    now: clock.now,
    random: seededRandom('scene'),
    creates: 'ids',
    etags: true,
    tombstones: true,
    revisions: true,
    pageSize: 10,
    ...options.provider,
  })
  const traits: RemoteTraits = {
    fields: ['title', 'place'],
    conditionalWrites: options.provider?.etags ?? true,
    removals: (options.provider?.tombstones ?? true) ? 'fed' : 'listed',
    ...options.traits,
  }
  const remote = (options.remote ?? ((port) => port))({ ...provider, traits })
  const replica = simulatedReplica()
  const store = memoryStore({ clock })
  const engine = (others: Partial<SyncEngineOptions> = {}): SyncEngine =>
    createSyncEngine({
      remote,
      replica: (options.wrapReplica ?? ((port) => port))(replica),
      store,
      prefix: PREFIX,
      keys: fastKeys,
      clock,
      ...options.engine,
      ...others,
    })
  const only = engine()
  const titlesOf = (rows: readonly { readonly item: Readonly<Record<string, unknown>> }[]): readonly string[] =>
    rows.map(({ item }) => String(item['title'])).toSorted()
  return {
    provider,
    replica,
    store,
    clock,
    engine,
    run: (limits) => only.run({ first: 'merge', ...limits }),
    async parked() {
      const rows: Parked[] = []
      for await (const row of only.parked()) rows.push(row)
      return rows
    },
    titles: () => ({ remote: titlesOf(provider.records()), local: titlesOf(replica.rows()) }),
  }
}

/** Creates a store that holds the first put that matches until it is released. */
export function holdingStore(matches: (...parameters: Parameters<Store['put']>) => boolean) {
  const inner = memoryStore()
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let isHeld = false
  const store: Store = {
    ...inner,
    async put(...parameters) {
      if (!isHeld && matches(...parameters)) {
        isHeld = true
        reached.resolve()
        await released.promise
      }
      return inner.put(...parameters)
    },
  }
  return { store, reached: reached.promise, release: released.resolve }
}

/** Puts numbered records at the provider. */
export function fill(provider: SimulatedProvider, count: number): void {
  for (let each = 1; each <= count; each++) provider.put(`r${each}`, { title: `title ${each}`, place: 'here' })
}
