import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './tree.ts'

// Which simulation runs: that of the renewal of grants, with --sync that of the two-way engine, with --channels that of
// subscriptions.
const parameters = process.argv.slice(2)
const owner = parameters.includes('--sync') ? 'sync' : parameters.includes('--channels') ? 'webhooks' : 'core'
const main = join(root, 'packages', owner, 'test/simulation/main.ts')
const { status } = spawnSync(process.execPath, ['--conditions=@mcpclient/source', main, ...parameters], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
