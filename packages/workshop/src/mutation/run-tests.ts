import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../tree.ts'
import { PLAN_VARIABLE } from './plan.ts'
import type { Plan } from './plan.ts'

export type Outcome = 'passed' | 'failed' | 'timed out'

/**
 * Runs test files over the sources of a plan.
 * @param files from the workspace's root; all of them if there are none
 */
export async function runTests(plan: Plan, files: readonly string[], timeoutMs: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'))
  const planFile = join(folder, 'plan.json')
  writeFileSync(planFile, JSON.stringify(plan))
  const isMutant = plan.reachFolder === undefined
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config=packages/workshop/mutation.config.ts',
      '--reporter=dot',
      ...(isMutant ? ['--bail=1', '--maxWorkers=1'] : []),
      ...files,
    ],
    // A group of its own: a test that hangs may have started processes.
    { cwd: root, stdio: 'ignore', detached: true, env: { ...process.env, [PLAN_VARIABLE]: planFile } },
  )
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      resolve('timed out')
    }, timeoutMs)
    child.on('error', reject)
    child.on('exit', (status) => {
      clearTimeout(timer)
      resolve(status === 0 ? 'passed' : 'failed')
    })
  })
  rmSync(folder, { recursive: true, force: true })
  return outcome
}

/** Returns the test files that reach each mutation, by its number. */
export function readReach(folder: string): ReadonlyMap<number, readonly string[]> {
  const reach = new Map<number, string[]>()
  for (const name of readdirSync(folder)) {
    const { testPath, reached } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      readonly testPath: string
      readonly reached: readonly number[]
    }
    for (const id of reached) {
      const known = reach.get(id)
      if (known === undefined) reach.set(id, [testPath])
      else known.push(testPath)
    }
  }
  return reach
}
