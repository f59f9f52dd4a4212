import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

export interface PostgresServer {
  /** A superuser's connection string. */
  readonly url: string
  stop(): Promise<void>
  /** Ends it, and with it all connections. Absent if the server is not ours. */
  readonly crash?: (() => Promise<void>) | undefined
  /** Starts it again over its data, at the same address. */
  readonly restart?: (() => Promise<void>) | undefined
}

/** For who skips what needs a server. */
export const NO_SERVER = 'No PostgreSQL found: install it (Debian: postgresql), or set MCPCLIENT_POSTGRES_URL.'

/** Stops the server immediately when its standard input ends, which is when its parent process ends. */
const UNTIL_INPUT_ENDS = 'exec 3<&0; (cat <&3 >/dev/null; kill -INT $$) & exec "$0" "$@"'

/**
 * Returns the server of MCPCLIENT_POSTGRES_URL, or starts one from the binaries of this machine. It uses a temporary
 * folder and a free port of the loopback address. Returns undefined without binaries.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const given = process.env['MCPCLIENT_POSTGRES_URL']
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} }
  const binaries = findBinaries()
  if (binaries === undefined) return undefined

  const user = userFor()
  const folder = mkdtempSync(join(tmpdir(), 'mcpclient-postgres-'))
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const password = randomUUID()
  writeFileSync(passwordFile, password)
  chmodSync(passwordFile, 0o600)
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
  const run = (program: string, args: readonly string[]): ChildProcess =>
    spawn(program, args, { ...user, cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] })
  const common = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync']
  const initialise = (...more: readonly string[]): Promise<number> =>
    endOf(run(join(binaries, 'initdb'), [...common, '--encoding=UTF8', '--locale=C', ...more]))

  try {
    // A database that sorts as a dictionary does shows who relies on another order. Not every build can.
    const made = (await initialise('--locale-provider=icu', '--icu-locale=en')) === 0 || (await initialise()) === 0
    if (!made) throw new Error(`initdb of ${binaries} failed.`)
    const port = await freePort()
    const settings = ['fsync=off', 'max_connections=120', 'unix_socket_directories=', 'listen_addresses=127.0.0.1']
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])]
    const launch = async (): Promise<ChildProcess> => {
      const started = run('/bin/sh', ['-c', UNTIL_INPUT_ENDS, join(binaries, 'postgres'), ...args])
      await untilReady(started)
      return started
    }
    let server = await launch()
    const crash = async (): Promise<void> => {
      const exit = server.exitCode === null ? once(server, 'exit') : undefined
      server.stdin?.end()
      await exit
    }
    const restart = async (): Promise<void> => {
      server = await launch()
    }
    const stop = async (): Promise<void> => {
      await crash()
      rmSync(folder, { recursive: true, force: true })
    }
    return { url: `postgres://postgres:${password}@127.0.0.1:${String(port)}/postgres`, stop, crash, restart }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function findBinaries(): string | undefined {
  const folders = [
    ...globSync('/usr/lib/postgresql/*/bin'),
    ...globSync('/opt/homebrew/opt/postgresql*/bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.find(
    (folder) => folder !== '' && ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  )
}

/** PostgreSQL refuses to run as root, so it runs as its own account or as `nobody`. */
function userFor(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  if (account === undefined) throw new Error('PostgreSQL needs an account that is not root: postgres or nobody.')
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function endOf(child: ChildProcess): Promise<number> {
  child.stderr?.resume()
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function untilReady(server: ChildProcess): Promise<void> {
  const said: string[] = []
  const { stderr } = server
  if (stderr === null) throw new Error('PostgreSQL has no log.')
  await new Promise<void>((resolve, reject) => {
    createInterface(stderr).on('line', (line) => {
      said.push(line)
      if (line.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => {
      reject(new Error(`PostgreSQL did not start:\n${said.join('\n')}`))
    })
  })
}
