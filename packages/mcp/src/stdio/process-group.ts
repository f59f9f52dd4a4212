import { readdirSync, readFileSync } from 'node:fs'

/** Whether a process group has a member that still runs. */
export function groupIsAlive(id: number): boolean {
  try {
    process.kill(-id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return process.platform !== 'linux' || hasRunningMember(id)
}

/**
 * A process that has ended is still listed until its parent takes note, and in many containers nobody ever does for
 * orphans. Linux tells the two apart.
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
    // pid (command) state ppid pgrp ...: the command may hold anything, brackets and spaces included.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' && state !== 'X'
  } catch {
    // It ended meanwhile.
    return false
  }
}

export function signalGroup(id: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-id, signal)
  } catch {
    // Nobody left to signal.
  }
}
