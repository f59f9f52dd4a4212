import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import spawn from 'cross-spawn'
import { groupIsAlive, signalGroup } from './process-group.ts'
import { guard, unguard } from './process-guard.ts'
import { WATCHDOG_FD, withWatchdog } from './watchdog.ts'

export interface ProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** Whether the program ends even if this process is killed. */
  readonly watchdog: boolean
}

/** A program and all that it starts, as one. */
export interface ProcessTree {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** The program itself; what it started may still run when it is gone. */
  readonly root: ChildProcess
  /** Whether anything of the tree still runs. */
  isAlive(): boolean
  /** Signals every process of the tree. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
  /** Keeps this process alive as long as the tree runs, or no longer. */
  hold(): void
  release(): void
  /** Ends the watchdog, if there is one: from here on the tree is ended by its owner. */
  dismiss(): void
  /** To be called when nothing of the tree runs any more. */
  forget(): void
}

/** What keeps Node running, or does not. */
interface Handle {
  ref?(): void
  unref?(): void
}

const isWindows = process.platform === 'win32'

/**
 * Starts a program in a process group of its own, since signalling a wrapper such as `sh -c` or `npx` leaves the server
 * running that it started.
 */
export function startProcessTree({ command, args, cwd, env, watchdog }: ProcessOptions): ProcessTree {
  const line = watchdog ? withWatchdog(command, args) : { command, args }
  const root = spawn(line.command, [...line.args], {
    stdio: ['pipe', 'pipe', 'pipe', ...(watchdog ? (['pipe'] as const) : [])],
    env,
    // On Windows this would open a console window; there the tree is found by its parents instead.
    detached: !isWindows,
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
  })
  const { stdin, stdout, stderr } = root
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('The process has no pipes.')
  const leash = (root.stdio as readonly unknown[])[WATCHDOG_FD] as (Writable & Handle) | undefined
  // What is written to a watchdog that has ended is of no use.
  leash?.on('error', () => undefined)
  leash?.unref?.()
  // The pipes of a child are sockets, whatever their type says.
  const handles: readonly Handle[] = [
    root,
    stdin as unknown as Handle,
    stdout as unknown as Handle,
    stderr as unknown as Handle,
  ]
  const tree: ProcessTree = {
    pid: root.pid,
    stdin,
    stdout,
    stderr,
    root,
    isAlive() {
      if (root.pid === undefined) return false
      if (isWindows) return root.exitCode === null && root.signalCode === null
      return groupIsAlive(root.pid)
    },
    signal(signal) {
      if (root.pid === undefined) return
      if (isWindows) spawn.sync('taskkill', ['/pid', String(root.pid), '/T', '/F'], { windowsHide: true })
      else signalGroup(root.pid, signal)
    },
    hold() {
      for (const handle of handles) handle.ref?.()
    },
    release() {
      for (const handle of handles) handle.unref?.()
    },
    dismiss() {
      leash?.end('\n')
    },
    forget() {
      unguard(tree)
    },
  }
  if (tree.pid !== undefined) guard(tree)
  return tree
}
