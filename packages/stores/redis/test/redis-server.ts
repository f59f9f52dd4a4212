import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

/** The reason why tests were skipped, and what to do about it. */
export const HOW_TO_GET_REDIS =
  'no redis-server and redis-cli on this machine: on Debian, apt-get install redis-server; ' +
  'for the contract and the renewals, MCPCLIENT_REDIS_URL may name a server elsewhere'

export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly pid: number
  /** Ends it at once, as a crash does. */
  readonly crash: () => Promise<void>
  /** Starts it again over what is on its disk. */
  readonly restart: () => Promise<void>
  readonly crashAndRestart: () => Promise<void>
  readonly close: () => Promise<void>
}

const NODES = 3
/** A node of a cluster also listens on a port that is higher by this. */
const BUS_OFFSET = 10_000
const HIGHEST_PORT = 65_535
const ATTEMPTS = 20
const POLL_MS = 50

const findOnPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))

const server = findOnPath('redis-server')
const commandLine = findOnPath('redis-cli')

export const hasRedis = server !== undefined && commandLine !== undefined

/** Returns the version of the server, such as `Redis server v=7.0.15 …`. */
export const redisVersion = (): Promise<string> => run(server ?? 'redis-server', ['--version'])

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a server on a free port of this machine, with a folder of its own that goes with it. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpclient-redis-'))
  let last: unknown
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await freePort()
    try {
      let child = await launch(port, folder, settings)
      return {
        port,
        url: `redis://127.0.0.1:${port}`,
        get pid() {
          return child.pid ?? 0
        },
        crash: () => end(child),
        async restart() {
          child = await launch(port, folder, settings)
        },
        async crashAndRestart() {
          await end(child)
          child = await launch(port, folder, settings)
        },
        async close() {
          await end(child)
          await rm(folder, { recursive: true, force: true })
        },
      }
    } catch (error) {
      // Another program took the port in between.
      last = error
    }
  }
  await rm(folder, { recursive: true, force: true })
  throw new Error('redis-server does not start.', { cause: last })
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  readonly close: () => Promise<void>
}

/** Three masters that share the 16,384 slots. */
export async function startCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()))
  }
  try {
    for (let node = 0; node < NODES; node++) nodes.push(await startRedis(['--cluster-enabled', 'yes']))
    await ask(['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`), '--cluster-yes'])
    for (const { port } of nodes) {
      while (!(await ask(['-p', String(port), 'cluster', 'info'])).includes('cluster_state:ok')) await pause()
    }
    return { nodes, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs redis-cli, which exits when it has its response. */
export const ask = (words: readonly string[]): Promise<string> => run(commandLine ?? 'redis-cli', words)

async function run(file: string, words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, [...words])
  return stdout
}

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, POLL_MS)
  })

function launch(port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> {
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...settings]
  const child = spawn(server ?? 'redis-server', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  return new Promise((resolve, reject) => {
    let said = ''
    const onEnd = (): void => {
      running.delete(child)
      reject(new Error(`redis-server ended: ${said.slice(-500)}`))
    }
    child.once('error', onEnd)
    child.once('exit', onEnd)
    child.stderr.resume()
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (!said.includes('Ready to accept connections')) return
      child.off('exit', onEnd)
      child.stdout.removeAllListeners('data').resume()
      resolve(child)
    })
  })
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      running.delete(child)
      resolve()
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      done()
      return
    }
    child.once('exit', done)
    child.kill('SIGKILL')
  })
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0)
    if (port === undefined || port + BUS_OFFSET > HIGHEST_PORT) continue
    if ((await listenOnce(port + BUS_OFFSET)) !== undefined) return port
  }
}

/** Returns the port if it is free. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(undefined)
    })
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        resolve(typeof address === 'object' ? address?.port : undefined)
      })
    })
  })
}
