import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { legs, readSummary, tableOf, unexpected } from './verdict.ts'
import type { Leg, Outcome } from './verdict.ts'

/**
 * Runs the official conformance suite of the protocol against this package, offline: what each revision requires of a
 * client, the extensions that the suite knows, and what the revision of 2025-03-26 did otherwise.
 *
 *     npm run conformance
 *
 * Ends with 1 if anything failed that `expectedFailures` does not name, or passed that it names.
 */
const here = dirname(fileURLToPath(import.meta.url))
const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')
const suite = join(dirname(manifest), 'dist/index.js')
/** All clients of a leg start at once, so that a small machine needs a while. Milliseconds. */
const TIMEOUT = 180_000

const folder = await mkdtemp(join(tmpdir(), 'mcpclient-conformance-'))
try {
  // Dozens of processes read one file each instead of hundreds.
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
  const outcomes: Outcome[] = []
  for (const leg of legs) outcomes.push(...readSummary(leg, await run(leg)))
  const faults = unexpected(outcomes)
  process.stdout.write(`${tableOf(outcomes)}\n${faults.map((fault) => `${fault}\n`).join('')}`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** What the suite says; its exit code says less. */
async function run({ name, options }: Leg): Promise<string> {
  const command = [process.execPath, join(folder, 'client.mjs')].map((part) => JSON.stringify(part)).join(' ')
  const asked = ['client', '--command', command, ...options, '--timeout', String(TIMEOUT), '-o', join(folder, name)]
  const child = spawn(process.execPath, [suite, ...asked], { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
  let said = ''
  const hear = (text: string) => {
    said += text
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (process.argv.includes('--verbose')) process.stdout.write(said)
  return said
}
