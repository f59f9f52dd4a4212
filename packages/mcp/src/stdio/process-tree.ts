import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { sleep } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
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

/** A program and all processes that it starts. */
export interface ProcessTree {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** The program itself. Processes that it started may still run after its exit. */
  readonly root: ChildProcess
  /** Returns whether any process of the tree runs. */
  isAlive(): boolean
  /** Signals every process of the tree. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
  /** Keeps this process alive while the tree runs. */
  ref(): void
  unref(): void
  /** Ends the watchdog, if there is one: from now on the owner ends the tree. */
  dismissWatchdog(): void
  /** To be called when no process of the tree runs any more. */
  forget(): void
}

/** A handle that keeps Node running. */
interface Handle {
  ref?(): void
  unref?(): void
}

const isWindows = process.platform === 'win32'

/**
 * Starts a program in a process group of its own. Signalling a wrapper such as `sh -c` or `npx` alone would leave the
 * server running that it started.
 */
export function startProcessTree({ command, args, cwd, env, watchdog }: ProcessOptions): ProcessTree {
  const line = watchdog ? withWatchdog(command, args) : { command, args }
  const root = spawn(line.command, [...line.args], {
    stdio: ['pipe', 'pipe', 'pipe', ...(watchdog ? (['pipe'] as const) : [])],
    env,
    // On Windows this would open a console window. There, taskkill finds the tree by its parents.
    detached: !isWindows,
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
  })
  const { stdin, stdout, stderr } = root
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('The process has no pipes.')
  const leash = (root.stdio as readonly unknown[])[WATCHDOG_FD] as (Writable & Handle) | undefined
  // Writing to a watchdog that has exited fails, which does not matter.
  leash?.on('error', () => undefined)
  leash?.unref?.()
  // The pipes of a child process are sockets, although their type does not say so.
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
    ref() {
      for (const handle of handles) handle.ref?.()
    },
    unref() {
      for (const handle of handles) handle.unref?.()
    },
    dismissWatchdog() {
      leash?.end('\n')
    },
    forget() {
      unguard(tree)
    },
  }
  if (tree.pid !== undefined) guard(tree)
  return tree
}

/** Time for a program to exit after its input is closed, after SIGTERM, and after SIGKILL. */
const INPUT_GRACE_MS = 500
const TERM_GRACE_MS = 2000
const KILL_GRACE_MS = 500
const POLL_EVERY_MS = 10

/** Ends a tree: closes its input, then sends SIGTERM, then SIGKILL. Resolves when no process of it runs. */
export async function endProcessTree(tree: ProcessTree, clock: Clock): Promise<void> {
  tree.ref()
  tree.dismissWatchdog()
  tree.stdin.end()
  if (!(await exits(tree, INPUT_GRACE_MS, clock))) {
    tree.signal('SIGTERM')
    if (!(await exits(tree, TERM_GRACE_MS, clock))) {
      tree.signal('SIGKILL')
      await exits(tree, KILL_GRACE_MS, clock)
    }
  }
  // A pipe that a process outside the tree still holds would keep this process alive.
  for (const stream of [tree.stdin, tree.stdout, tree.stderr]) stream.destroy()
  tree.unref()
  tree.forget()
}

/** Polls, because no event reports the exit of the last process of a group. */
async function exits(tree: ProcessTree, withinMs: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonic() + withinMs
  while (tree.isAlive()) {
    if (clock.monotonic() >= end) return false
    await sleep(clock, POLL_EVERY_MS)
  }
  return true
}
