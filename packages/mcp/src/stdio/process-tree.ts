import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import spawn from 'cross-spawn'
import { groupIsAlive, signalGroup } from './process-group.ts'

export interface ProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string>>
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
export function startProcessTree({ command, args, cwd, env }: ProcessOptions): ProcessTree {
  const root = spawn(command, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    // On Windows this would open a console window; there the tree is found by its parents instead.
    detached: !isWindows,
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
  })
  const { stdin, stdout, stderr } = root
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('The process has no pipes.')
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
  }
  guard(tree)
  return tree
}

/** Trees that must not outlive this process. */
const guarded = new Set<ProcessTree>()

const killAll = () => {
  for (const tree of guarded) tree.signal('SIGKILL')
}

function guard(tree: ProcessTree): void {
  if (tree.pid === undefined) return
  if (guarded.size === 0) process.on('exit', killAll)
  guarded.add(tree)
}

/** To be called when nothing of the tree runs any more: from then on its number may be somebody else's. */
export function forget(tree: ProcessTree): void {
  guarded.delete(tree)
  if (guarded.size === 0) process.off('exit', killAll)
}
