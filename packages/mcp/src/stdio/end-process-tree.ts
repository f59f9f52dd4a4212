import { sleep } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import type { ProcessTree } from './process-tree.ts'

/** Milliseconds that a server gets to end by itself once its input is closed, and then once it was asked to. */
const INPUT_GRACE_MS = 500
const TERM_GRACE_MS = 2000
const KILL_GRACE_MS = 500
const LOOK_EVERY_MS = 10

/** Ends a program and all that it started: closes its input, asks, then insists. Resolves when nothing of it runs. */
export async function endProcessTree(tree: ProcessTree, clock: Clock): Promise<void> {
  tree.hold()
  tree.dismiss()
  tree.stdin.end()
  if (!(await isGone(tree, INPUT_GRACE_MS, clock))) {
    tree.signal('SIGTERM')
    if (!(await isGone(tree, TERM_GRACE_MS, clock))) {
      tree.signal('SIGKILL')
      await isGone(tree, KILL_GRACE_MS, clock)
    }
  }
  // A pipe that something outside of the tree still holds would keep this process alive.
  for (const stream of [tree.stdin, tree.stdout, tree.stderr]) stream.destroy()
  tree.release()
  tree.forget()
}

/** Looks, since nobody tells when the last process of a group has gone. */
async function isGone(tree: ProcessTree, withinMs: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonic() + withinMs
  while (tree.isAlive()) {
    if (clock.monotonic() >= end) return false
    await sleep(clock, LOOK_EVERY_MS)
  }
  return true
}
