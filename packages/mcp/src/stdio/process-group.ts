import { readdirSync, readFileSync } from 'node:fs'

/** Returns whether a process group has a member that runs. */
export function groupIsAlive(id: number): boolean {
  try {
    process.kill(-id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return process.platform !== 'linux' || hasRunningMember(id)
}

/**
 * Returns whether a group has a running member. A zombie belongs to its group until its parent waits for it, and in many containers no process waits for orphans. Linux
 * reports zombies.
 */
function hasRunningMember(id: number): boolean {
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && runsInGroup(name, id))
  } catch {
    return true
  }
}

function runsInGroup(pid: string, group: number): boolean {
  try {
    // pid (command) state ppid pgrp ...: the command may contain brackets and spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' && state !== 'X'
  } catch {
    // It exited meanwhile.
    return false
  }
}

/** Signals all processes of a group. Does nothing if there is none. */
export function signalGroup(id: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-id, signal)
  } catch {
    // No process is left.
  }
}
