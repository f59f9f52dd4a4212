import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '@mcpclient/core'
import type { SyncResult } from '@mcpclient/sync'
import { build } from 'esbuild'
import type { StoreAddress } from '../processes/open-store.ts'
import type { CrashReport, CrashSettings } from './crash-worker.ts'
import { openHostDatabase, storedTable } from './host-table.ts'
import type { HostTable } from './host-table.ts'
import { mappingFaults, writesOf } from './mapping-faults.ts'
import type { Records } from './mapping-faults.ts'
import { serveProvider } from './provider-server.ts'

export interface CrashHistory {
  /** The faults, a sentence for each. */
  readonly complaints: readonly string[]
  readonly kills: number
  /** Writes at which a process was killed. */
  readonly places: number
  readonly processes: number
}

const PAGE_SIZE = 25
const MAX_PROCESSES = 30_000

/**
 * Syncs records both ways, then edits and removals of both sides, in processes that are killed all the time. Each
 * process continues what the previous one left. Kills happen at durable writes, and between a remote write and its response.
 * @param options.oneOf the share of the writes at which processes are killed: one of so many, three times each
 */
export async function crashHistory(options: {
  readonly store: StoreAddress
  readonly oneOf: number
  readonly rows: CrashSettings['rows']
  /** Records at the start, at least 26 on each side. */
  readonly remote: number
  readonly local: number
}): Promise<CrashHistory> {
  const { store, oneOf } = options
  const folder = await mkdtemp(join(tmpdir(), 'mcpclient-crashes-'))
  const worker = await bundled(folder)
  const server = await serveProvider(PAGE_SIZE)
  const database = await openHostDatabase(store)
  const kills = join(folder, 'kills')
  const settings: CrashSettings = { store, provider: server.url, kills, oneOf, rows: options.rows }
  const complaints: string[] = []
  let processes = 0

  const untilQuiet = async (): Promise<void> => {
    for (;;) {
      if (++processes > MAX_PROCESSES) throw new Error('The sync makes no progress.')
      const result = await runProcess(worker, settings)
      if (result?.complete === true && result.errors.length === 0 && writesOf(result) === 0) return
      if (result !== undefined && !result.superseded && result.errors.length > 0) {
        complaints.push(`a run failed: ${result.errors[0]?.message}`)
        return
      }
    }
  }
  const { provider } = server
  const table = options.rows === 'table' ? database.table : storedTable(database.store)
  try {
    const wanted = new Map<string, string>()
    for (let n = 1; n <= options.remote; n++) provider.put(`r${n}`, { title: `remote ${n}`, place: 'here' })
    for (let n = 1; n <= options.local; n++) await table.edit(`l${n}`, { title: `local ${n}`, place: 'here' })
    for (let n = 1; n <= options.remote; n++) wanted.set(`remote ${n}`, 'here')
    for (let n = 1; n <= options.local; n++) wanted.set(`local ${n}`, 'here')
    await untilQuiet()
    complaints.push(...(await compare(provider.records(), database.store, table, wanted)))

    const rows = new Map((await table.rows()).map(({ id, item }) => [String(item['title']), id]))
    const records = new Map(provider.records().map(({ id, item }) => [String(item['title']), id]))
    for (const side of ['remote', 'local'] as const) {
      for (let n = 1; n <= 12; n++) {
        provider.put(records.get(`${side} ${n}`) ?? '', { place: 'there' })
        wanted.set(`${side} ${n}`, 'there')
      }
      for (let n = 9; n <= 20; n++) {
        await table.edit(rows.get(`${side} ${n}`) ?? '', { title: `${side} ${n} edited` })
        wanted.set(`${side} ${n} edited`, wanted.get(`${side} ${n}`) ?? '')
        wanted.delete(`${side} ${n}`)
      }
      for (let n = 21; n <= 26; n++) {
        if (n % 2 === 0) provider.drop(records.get(`${side} ${n}`) ?? '')
        else await table.drop(rows.get(`${side} ${n}`) ?? '')
        wanted.delete(`${side} ${n}`)
      }
    }
    await untilQuiet()
    complaints.push(...(await compare(provider.records(), database.store, table, wanted)))
    const labels = oneOf === 0 ? [] : readFileSync(kills, 'utf8').trim().split('\n')
    return { complaints, kills: labels.length, places: new Set(labels).size, processes }
  } finally {
    await database.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Bundles the worker, which then starts in half the time. */
async function bundled(folder: string): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL('./crash-worker.ts', import.meta.url))],
    outdir: folder,
    splitting: true,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@mcpclient/source'],
    external: ['pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
  return join(folder, 'crash-worker.mjs')
}

/** Runs one process. Returns its result, or undefined if it was killed. */
function runProcess(worker: string, settings: CrashSettings): Promise<SyncResult | undefined> {
  const child = fork(worker, [JSON.stringify(settings)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(worker, '../compiled') },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let result: SyncResult | undefined
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    child.on('message', (report: CrashReport) => {
      if ('killMe' in report) child.kill('SIGKILL')
      else result = report.result
    })
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined)
      else if (code === 0) resolve(result)
      else reject(new Error(`A process ended with ${code}. ${complaint}`))
    })
  })
}

/** Returns the faults: a side that is not as wanted, a duplicate, a record without a mapping or with two. */
async function compare(
  records: Records,
  store: Store,
  table: HostTable,
  wanted: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const rows = await table.rows()
  const found: string[] = []
  for (const [side, items] of [
    ['provider', records],
    ['host', rows],
  ] as const) {
    const listed = items.map(({ item }) => `${String(item['title'])} @ ${String(item['place'])}`)
    const expected = [...wanted].map(([title, place]) => `${title} @ ${place}`)
    const twice = listed.filter((line, at) => listed.indexOf(line) !== at)
    if (twice.length > 0) found.push(`the ${side} has duplicates: ${twice.join(', ')}`)
    const missing = expected.filter((line) => !listed.includes(line))
    if (missing.length > 0) found.push(`the ${side} lacks ${missing.join(', ')}`)
    const surplus = listed.filter((line) => !expected.includes(line))
    if (surplus.length > 0) found.push(`the ${side} has ${surplus.join(', ')}`)
  }
  return [...found, ...(await mappingFaults(store, records, rows))]
}
