import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { backwardCompatibility, revisions, scenariosIn, tableOf, unexpected } from './verdict.ts'
import type { Outcome, Task } from './verdict.ts'

/**
 * Runs the protocol's official conformance suite against this package, offline: what each revision requires of clients,
 * the extensions that the suite covers, and the differences of revision 2025-03-26.
 *
 *     npm run conformance
 *     npm run conformance -- auth/dpop      (one scenario, with all of its output)
 *
 * Exits with 1 if a scenario fails that `expectedFailures` does not name, or passes that it names.
 */
const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const suite = dirname(require.resolve('@modelcontextprotocol/conformance/package.json'))
/** A client that takes longer hangs. */
const TIMEOUT = 60_000

const only = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'mcpclient-conformance-'))
try {
  // Each scenario is a process, so a bundle saves it from reading hundreds of files.
  await build({
    entryPoints: [join(here, 'client.ts')],
    outfile: join(folder, 'client.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@mcpclient/source'],
    logLevel: 'error',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
  })
  const tasks = (await plan()).filter(({ scenario }) => only.length === 0 || only.includes(scenario))
  const outcomes = await runAll(tasks)
  const faults = unexpected(outcomes, only.length === 0 ? {} : { least: only.length })
  process.stdout.write(`${tableOf(outcomes)}\n${faults.map((fault) => `${fault}\n`).join('')}`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Returns the suite's own lists of requirements. */
async function plan(): Promise<readonly Task[]> {
  const required = revisions.map(async (revision) => {
    const text = await readFile(join(suite, 'requirements', `${revision}.yaml`), 'utf8')
    return scenariosIn(text).map((scenario) => ({ revision, scenario }))
  })
  return [...(await Promise.all(required)).flat(), ...backwardCompatibility]
}

/** Runs as many scenarios at once as there are processors: the suite would start all, and time out those that wait. */
async function runAll(tasks: readonly Task[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const queue = tasks.entries()
  const work = async () => {
    for (const [at, task] of queue) outcomes[at] = await run(task)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return outcomes
}

async function run({ revision, scenario }: Task): Promise<Outcome> {
  const command = [process.execPath, join(folder, 'client.mjs')].map((part) => JSON.stringify(part)).join(' ')
  // Extensions belong to no revision and run in any.
  const asked = ['--scenario', scenario, '--spec-version', revision, '--force', '--timeout', String(TIMEOUT)]
  const options = ['client', '--command', command, ...asked]
  const child = spawn(process.execPath, [join(suite, 'dist/index.js'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  })
  let said = ''
  const onOutput = (text: string) => {
    said += text
  }
  child.stdout.setEncoding('utf8').on('data', onOutput)
  child.stderr.setEncoding('utf8').on('data', onOutput)
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const passed = code === 0 && said.includes('OVERALL: PASSED')
  if (!passed && only.length > 0) process.stdout.write(said)
  const [checks = 'no verdict'] = /Passed: \d.*/.exec(said) ?? []
  return { revision, scenario, passed, checks }
}
