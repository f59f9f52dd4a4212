import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const roguePath = fileURLToPath(new URL('rogue-process.ts', import.meta.url))

/** Returns whether a process runs. A zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
    return !/\) [ZX] /.test(stat)
  } catch {
    return false
  }
}

/** Returns a file in which a server records its actions. */
export function serverLog() {
  const folder = mkdtempSync(join(tmpdir(), 'mcpclient-'))
  const file = join(folder, 'log')
  const lines = (): readonly string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  return {
    file,
    lines,
    /** Returns how often a tool ran. */
    calls: (tool: string): number => lines().filter((line) => line === `call ${tool}`).length,
    /** The processes that were started, the first one first. */
    pids: (): readonly number[] =>
      lines().flatMap((line) => (line.startsWith('start ') ? [Number(line.slice(6))] : [])),
    remove: () => {
      rmSync(file, { force: true })
    },
  }
}

/** Polls for what happens in another process. */
export async function eventually(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > end) throw new Error('It did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
