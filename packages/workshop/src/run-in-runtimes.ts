import { execFile, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { machinePath } from '../bin/pnpm.mjs'
import { createConsumer } from './consumer.ts'
import { root } from './tree.ts'

// Core, built and packed, makes the same calls in every runtime that it promises to run in.
const folder = join(root, 'packages/workshop/runtimes')
const call = { typed: { id: 'a/b', text: 'read at the second try' }, envelope: 'MCP_CLIENT_ERROR' }
const connection = { result: { id: 'kept', text: 'read with token-2' }, refreshes: ['ada'], isPlain: false }
const EXPECTED = `${JSON.stringify(call)} ${JSON.stringify(connection)}`
/** Far above what a call takes, so that a runtime that hangs fails the run. */
const DEADLINE_MS = 60_000

interface Runtime {
  readonly name: string
  /** Runs `oneCall` and `oneConnection`. Returns their results and the version of the runtime. */
  run(consumer: string, url: string): Promise<{ readonly version: string; readonly result: string }>
}

function installRuntimes(): void {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  const installed = Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json')
    return (
      existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version === version
    )
  })
  if (installed) return
  console.log('installing the other runtimes ...')
  const { status, stdout, stderr } = spawnSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...process.env, PATH: machinePath() },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm install of the runtimes failed:\n${stdout}${stderr}`)
}

const command = (name: string): string => join(folder, 'node_modules/.bin', name)

function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1', NODE_OPTIONS: '' }
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, env, timeout: DEADLINE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim())
      else reject(new Error(`${file} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error }))
    })
  })
}

/** Returns a runtime that runs a file and prints. */
const fromCommandLine = (name: string, file: string, before: readonly string[] = []): Runtime => ({
  name,
  run: async (consumer, url) => {
    const [version = ''] = (await run(file, ['--version'], consumer)).split('\n')
    return { version, result: await run(file, [...before, 'main.ts', url], consumer) }
  },
})

/** workerd resolves no packages: its program is one module, as a deploy tool would send it. */
const workerd: Runtime = {
  name: 'workerd',
  run: async (consumer, url) => {
    await build({
      stdin: {
        contents: `import { oneCall } from './one-call.ts'
          import { oneConnection } from './one-connection.ts'
          const results = async (url) => (await oneCall(url)) + ' ' + (await oneConnection(url))
          export default { fetch: async (_, env) => new Response(await results(env.url)) }`,
        resolveDir: consumer,
      },
      outfile: join(consumer, 'worker.js'),
      absWorkingDir: consumer,
      bundle: true,
      format: 'esm',
      target: 'es2023',
      conditions: ['workerd', 'worker', 'browser'],
      logLevel: 'silent',
    })
    writeFileSync(
      join(consumer, 'workerd.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "url", text = "${url}")],
);
`,
    )
    const version = await run(command('workerd'), ['--version'], consumer)
    const child = spawn(command('workerd'), ['serve', 'workerd.capnp', '--control-fd=3'], {
      cwd: consumer,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    try {
      const port = await new Promise<number>((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', (code) => reject(new Error(`workerd ended with ${code} before it listened`)))
        child.stdio[3]?.on('data', (data: Buffer) => {
          const event = JSON.parse(String(data)) as { event: string; port?: number }
          if (event.event === 'listen' && event.port !== undefined) resolve(event.port)
        })
      })
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(DEADLINE_MS) })
      return { version, result: await response.text() }
    } finally {
      child.kill()
    }
  },
}

/** The first ends before it is used. */
const SHORT_LIFE_SECONDS = 1
const token = (number: number): object => ({
  access_token: `token-${number}`,
  token_type: 'DPoP',
  refresh_token: `again-${number}`,
  expires_in: number === 1 ? SHORT_LIFE_SECONDS : 3600,
})

/** Fails the first request of each runtime, so that a retry, and with it a timer, is part of the call. */
function notesServer(): { readonly server: Server; forget(): void } {
  const seen = new Set<string>()
  let tokens = 0
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? ''
    const send = (status: number, body: object, headers: object = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (url === '/token') return send(200, token(++tokens), { 'cache-control': 'no-store' })
    if (url === '/notes/kept' && request.headers.dpop !== undefined) {
      const [, shown = 'nothing'] = request.headers.authorization?.split('DPoP ') ?? []
      return send(200, { id: 'kept', text: `read with ${shown}` })
    }
    if (request.headers.authorization !== 'Bearer only-for-notes') return send(401, { error: 'no token' })
    if (url !== '/notes/a%2Fb') return send(404, { error: 'no such note' })
    if (seen.has(url)) return send(200, { id: 'a/b', text: 'read at the second try', nobody: 'asked for this' })
    seen.add(url)
    return send(503, { error: 'once' }, { 'retry-after': '0' })
  })
  const forget = (): void => {
    seen.clear()
    tokens = 0
  }
  return { server, forget }
}

async function main(): Promise<boolean> {
  installRuntimes()
  const consumer = mkdtempSync(join(tmpdir(), 'mcpclient-runtimes-'))
  const { server, forget } = notesServer()
  try {
    await createConsumer(consumer, ['@mcpclient/core'])
    for (const file of ['main.ts', 'one-call.ts', 'one-connection.ts']) cpSync(join(folder, file), join(consumer, file))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    const runtimes = [
      fromCommandLine('Node 22', command('node')),
      fromCommandLine('Node 24', process.execPath),
      fromCommandLine('Bun', command('bun'), ['--no-install']),
      fromCommandLine('Deno', command('deno'), ['run', '--quiet', '--no-remote', '--allow-net=127.0.0.1']),
      workerd,
    ]
    let failed = 0
    for (const runtime of runtimes) {
      forget()
      const began = performance.now()
      const { version, result } = await runtime
        .run(consumer, url)
        .catch((error: unknown) => ({ version: '', result: String(error) }))
      const good = result === EXPECTED
      if (!good) failed += 1
      console.log(
        `${good ? 'passed' : 'FAILED'}  ${runtime.name} (${version}) in ${Math.round(performance.now() - began)} ms`,
      )
      if (!good) console.log(`  wanted ${EXPECTED}\n  got    ${result}`)
    }
    console.log(`${runtimes.length - failed} of ${runtimes.length} runtimes make the call and keep the connection`)
    return failed === 0
  } finally {
    server.close()
    server.closeAllConnections()
    rmSync(consumer, { recursive: true, force: true })
  }
}

process.exitCode = (await main()) ? 0 : 1
