import process from 'node:process'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { defineConnector, errorTable, noAuth, post, sync } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { syncs } from '@mcpclient/sync'
import * as z from 'zod'
import type { StoreAddress } from '../processes/open-store.ts'
import { openHostDatabase } from './host-table.ts'
import { writesOf } from './mapping-faults.ts'

/** A process of a host that syncs one account: on a schedule, and again and again by itself. */
export interface HostSettings {
  readonly store: StoreAddress
  readonly provider: string
  /** The lease of a job. */
  readonly leaseMs: number
}

/** Stops everything, or syncs until nothing is left to write. */
export type HostOrder = 'stop' | 'settle'

export interface HostReport {
  readonly done: HostOrder | 'start'
  readonly problem?: string | undefined
  /** Runs of this process by how they ended. */
  readonly runs: Readonly<Record<string, number>>
}

const MAX_ROUNDS = 20
const MAX_PAUSE_MS = 400

const { store: address, provider, leaseMs } = JSON.parse(process.argv[2] ?? '') as HostSettings
const call = (method: string, ...parameters: readonly unknown[]) => post('rest', { method, parameters })
const events = sync({
  description: 'The events of a calendar.',
  params: z.object({}),
  item: z.object({ id: z.string(), etag: z.string(), title: z.string().optional(), place: z.string().optional() }),
  key: 'id',
  version: 'etag',
  codes: { expired: ['expired'], conflict: ['conflict'], gone: ['gone'], exists: ['exists'] },
  pull: ({ since, page }) => call('pull', { since, page }),
  get: (id) => call('get', id),
  push: {
    id: (seed) => `e${seed}`,
    create: (item, { id }) => call('create', item, { id }),
    update: (changes, { id, version }) => call('update', id, changes, { version }),
    remove: ({ id, version }) => call('remove', id, { version }),
  },
})
const calendar = defineConnector({
  id: 'calendar',
  name: 'Calendar',
  baseUrl: provider,
  auth: noAuth,
  errors: errorTable({ code: 'code' }, {}),
  tools: {},
  syncs: { events },
})

const { store, table, close } = await openHostDatabase(address, false)
const runner = jobs({ everyMs: 100, leaseMs })
const syncing = syncs({
  plans: [{ connector: 'calendar', sync: 'events', replica: () => table, brake: 'off' }],
  secret: 'a-secret-of-at-least-32-characters',
})
const client = createMcpClient({
  connectors: { calendar: calendar() },
  state: store,
  capabilities: [runner, syncing],
  transport: fetchTransport(),
})
const runs: Record<string, number> = {}
const count = (how: string): void => {
  runs[how] = (runs[how] ?? 0) + 1
}
client.on('sync.finished', ({ complete, success }) => {
  count(success ? (complete ? 'complete' : 'unfinished') : 'failed')
})

const { calendar: account } = client.as('ada')
const syncNow = () => account.syncData('events', { direction: 'both', first: 'merge' })
let isStopped = false

/** Syncs without a lease, as a user who presses a button. */
async function press(): Promise<void> {
  while (!isStopped) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS))
    const { superseded } = await syncNow()
    if (superseded === true) count('superseded')
  }
}

async function settle(): Promise<string | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const result = await syncNow()
    const { complete, errors } = result
    if (complete === true && errors.length === 0 && writesOf(result as never) === 0) return undefined
  }
  return 'the sync does not come to rest'
}

const report = (done: HostReport['done'], problem?: string): void => void process.send?.({ done, problem, runs })

await syncing.schedule({ connector: 'calendar', sync: 'events', tenant: 'ada' }, { everyMs: 50 })
const stop = runner.start()
const pressing = press()

process.on('message', (order: HostOrder) => {
  const work =
    order === 'settle' ? settle() : ((isStopped = true), Promise.all([stop(), pressing]).then(() => undefined))
  work.then(
    (problem) => {
      report(order, problem)
    },
    (error: unknown) => {
      report(order, String(error))
    },
  )
})
process.on('disconnect', () => {
  void client
    .close()
    .then(close)
    .finally(() => process.exit(0))
})
report('start')
