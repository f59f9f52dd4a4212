import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '@mcpclient/testing'
import type { StoreAddress } from '../processes/open-store.ts'
import { openHostDatabase } from './host-table.ts'
import type { HostTable } from './host-table.ts'
import type { HostOrder, HostReport, HostSettings } from './host-worker.ts'
import { mappingFaults } from './mapping-faults.ts'
import { serveProvider } from './provider-server.ts'

export interface SharedAccount {
  /** The faults, a sentence for each. */
  readonly complaints: readonly string[]
  readonly edits: number
  readonly frozen: number
  readonly killed: number
  /** Runs of the processes that were not killed, by how they ended. */
  readonly runs: Readonly<Record<string, number>>
  readonly records: number
}

const LEASE_MS = 1000
const REQUEST_MS = 3
const PAGE_SIZE = 10
/** The number of records that one side may have more than the other. */
const MAX_AHEAD = 20

interface Process {
  readonly child: ChildProcess
  ask(order: HostOrder): Promise<HostReport>
}

/**
 * Lets two processes sync one account while users edit both sides. A process is frozen for longer than its lease, or killed,
 * several times a minute, so the other one takes over while the first still runs.
 */
export async function shareAccount(options: {
  readonly store: StoreAddress
  readonly forMs: number
  readonly seed: number | string
}): Promise<SharedAccount> {
  const { store, forMs, seed } = options
  const random = seededRandom(seed)
  const server = await serveProvider(PAGE_SIZE, REQUEST_MS)
  const database = await openHostDatabase(store)
  const { provider } = server
  const { table } = database
  const settings: HostSettings = { store, provider: server.url, leaseMs: LEASE_MS }
  const processes = new Set<Process>()
  const runs: Record<string, number> = {}
  let [edits, frozen, killed] = [0, 0, 0]
  const users = createUsers(provider, table, random)
  try {
    for (const each of await Promise.all([startHost(settings), startHost(settings)])) processes.add(each)
    const end = performance.now() + forMs
    const disturb = async (): Promise<void> => {
      while (performance.now() < end) {
        await wait(random() * 3000)
        const [victim] = [...processes].toSorted(() => random() - 0.5)
        if (victim === undefined) continue
        if (random() < 0.25) {
          killed++
          processes.delete(victim)
          const exit = once(victim.child, 'exit')
          victim.child.kill('SIGKILL')
          await exit
          processes.add(await startHost(settings))
        } else {
          frozen++
          victim.child.kill('SIGSTOP')
          await wait(LEASE_MS * (0.5 + 1.5 * random()))
          victim.child.kill('SIGCONT')
        }
      }
    }
    const edit = async (): Promise<void> => {
      while (performance.now() < end) {
        await wait(random() * 40)
        // A machine that is too slow for the users would only collect work for the end.
        const ahead = provider.records().length - (await table.rows()).length
        if (Math.abs(ahead) > MAX_AHEAD) continue
        await users.edit()
        edits++
      }
    }
    await Promise.all([disturb(), edit()])
    const complaints: string[] = []
    for (const { ask } of processes) {
      const stopped = await ask('stop')
      for (const [how, count] of Object.entries(stopped.runs)) runs[how] = (runs[how] ?? 0) + count
      if (stopped.problem !== undefined) complaints.push(stopped.problem)
    }
    const [one] = processes
    const settled = await one?.ask('settle')
    if (settled?.problem !== undefined) complaints.push(settled.problem)
    const records = provider.records()
    const rows = await table.rows()
    complaints.push(...users.faults('provider', records), ...users.faults('host', rows))
    const places = new Map(records.map(({ item }) => [item['title'], item['place']]))
    for (const { item } of rows) {
      if (places.get(item['title']) !== item['place']) complaints.push(`${String(item['title'])} differs`)
    }
    if (rows.length !== records.length) complaints.push(`${rows.length} rows and ${records.length} records`)
    complaints.push(...(await mappingFaults(database.store, records, rows)))
    return { complaints, edits, frozen, killed, runs, records: records.length }
  } finally {
    await Promise.all(
      [...processes].map(async ({ child }) => {
        const exit = once(child, 'exit')
        child.kill('SIGKILL')
        await exit
      }),
    )
    await database.close()
    await server.close()
  }
}

/** Creates the users of both sides. A record keeps its title, by which duplicates and losses are found. */
function createUsers(
  provider: Awaited<ReturnType<typeof serveProvider>>['provider'],
  table: HostTable,
  random: () => number,
) {
  const made = new Set<string>()
  const dropped = new Set<string>()
  let last = 0
  const pick = <Each>(all: readonly Each[]): Each | undefined => all[Math.floor(random() * all.length)]
  return {
    async edit(): Promise<void> {
      const n = ++last
      const isRemote = random() < 0.5
      const kind = random()
      if (kind < 0.3) {
        const item = { title: `record ${n}`, place: `place ${n}` }
        if (isRemote) provider.put(`r${n}`, item)
        else await table.edit(`l${n}`, item)
        made.add(item.title)
        return
      }
      const target = isRemote ? pick(provider.records()) : pick(await table.rows())
      if (target === undefined) return
      const { id, item } = target
      if (kind < 0.85) {
        if (isRemote) provider.put(id, { place: `place ${n}` })
        else await table.edit(id, { place: `place ${n}` })
        return
      }
      dropped.add(String(item['title']))
      if (isRemote) provider.drop(id)
      else await table.drop(id)
    },
    faults(side: string, items: readonly { readonly item: Readonly<Record<string, unknown>> }[]): readonly string[] {
      const titles = items.map(({ item }) => String(item['title']))
      const twice = titles.filter((title, at) => titles.indexOf(title) !== at)
      const lost = [...made].filter((title) => !dropped.has(title) && !titles.includes(title))
      return [
        ...twice.map((title) => `the ${side} has ${title} twice`),
        ...lost.map((title) => `the ${side} lost ${title}`),
      ]
    },
  }
}

async function startHost(settings: HostSettings): Promise<Process> {
  const child = fork(fileURLToPath(new URL('./host-worker.ts', import.meta.url)), [JSON.stringify(settings)], {
    execArgv: ['--conditions=@mcpclient/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const next = async (): Promise<HostReport> => {
    const ended = new AbortController()
    const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error(`A process of the host ended. ${complaint}`)
    })
    try {
      const [report] = (await Promise.race([once(child, 'message'), exit])) as [HostReport]
      return report
    } finally {
      exit.catch(() => {})
      ended.abort()
    }
  }
  await next()
  return {
    child,
    ask(order) {
      const report = next()
      child.send(order)
      return report
    },
  }
}
