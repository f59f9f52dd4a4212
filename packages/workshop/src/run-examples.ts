import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Runs every example, one after the other: each checks what it claims, and fails if it did not happen. */
const root = resolve(import.meta.dirname, '../../..')
const examples = join(root, 'examples')
const flags = ['--conditions=@mcpclient/source', '--disable-warning=ExperimentalWarning']
/** No example takes a minute by itself. */
const TIMEOUT_MS = 120_000

for (const name of readdirSync(examples).toSorted()) {
  const main = join(examples, name, 'main.ts')
  if (!existsSync(main)) continue
  const { status, signal } = spawnSync(process.execPath, [...flags, main], { stdio: 'inherit', timeout: TIMEOUT_MS })
  if (status !== 0) {
    process.stderr.write(`examples/${name} failed (${signal ?? status}).\n`)
    process.exit(1)
  }
}
