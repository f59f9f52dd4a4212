/** A program that must not outlive this process. */
export interface Guarded {
  isAlive(): boolean
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Signals that a process can handle, and that end it otherwise. Node never emits one that the platform does not have. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']

/** Time for programs to exit after the signal. */
const GRACE_MS = 1000
const POLL_EVERY_MS = 10

const guarded = new Set<Guarded>()
let isEnding = false

/**
 * Ends the program together with this process: on exit, and on a signal that would end it. One set of handlers is
 * registered while at least one program is guarded.
 */
export function guard(program: Guarded): void {
  if (guarded.size === 0) {
    process.on('exit', killAll)
    for (const signal of SIGNALS) process.on(signal, onSignal)
  }
  guarded.add(program)
}

/** To be called when the program has exited: from then on its process id may belong to another one. */
export function unguard(program: Guarded): void {
  if (!guarded.delete(program) || guarded.size > 0 || isEnding) return
  removeHandlers()
}

function removeHandlers(): void {
  process.off('exit', killAll)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function killAll(): void {
  for (const program of guarded) program.signal('SIGKILL')
}

/**
 * Ends the programs and sends the signal again, because a listener stops the signal from ending this process. It does
 * nothing if the host has a handler: the host may want to finish calls first, and its exit ends the programs.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (isEnding) {
    endWith(signal)
    return
  }
  if (process.listenerCount(signal) > 1 + deferringListeners()) return
  isEnding = true
  for (const program of guarded) program.signal('SIGTERM')
  const end = performance.now() + GRACE_MS
  const poll = (): void => {
    const isOver = performance.now() >= end || ![...guarded].some((program) => program.isAlive())
    if (isOver) endWith(signal)
    else setTimeout(poll, POLL_EVERY_MS)
  }
  poll()
}

function endWith(signal: NodeJS.Signals): void {
  killAll()
  removeHandlers()
  guarded.clear()
  isEnding = false
  process.kill(process.pid, signal)
}

/**
 * Returns the number of listeners of the `signal-exit` package, which many tools include. They end the process once no
 * other listener is left. Waiting for them would keep the process alive for good.
 */
function deferringListeners(): number {
  const older: unknown = Reflect.get(process, '__signal_exit_emitter__')
  const newer: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'))
  return countOf(older) + countOf(newer)
}

const countOf = (emitter: unknown): number => {
  if (typeof emitter !== 'object' || emitter === null || !('count' in emitter)) return 0
  return typeof emitter.count === 'number' ? emitter.count : 0
}
