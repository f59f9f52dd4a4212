/** A program that must not outlive this process. */
export interface Guarded {
  isAlive(): boolean
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Signals that a process can handle, and that end it if it does not. */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Time for programs to end by themselves once the signal came. */
const GRACE_MS = 1000
const LOOK_EVERY_MS = 10

const guarded = new Set<Guarded>()
let isEnding = false

/**
 * Ends the program together with this process: at its exit, and at a signal that would end it. Handlers are registered
 * while at least one program is guarded, one set for all.
 */
export function guard(program: Guarded): void {
  if (guarded.size === 0) {
    process.on('exit', killAll)
    for (const signal of SIGNALS) process.on(signal, onSignal)
  }
  guarded.add(program)
}

/** To be called when nothing of the program runs any more: from then on its process id may belong to another one. */
export function unguard(program: Guarded): void {
  if (!guarded.delete(program) || guarded.size > 0 || isEnding) return
  release()
}

function release(): void {
  process.off('exit', killAll)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function killAll(): void {
  for (const program of guarded) program.signal('SIGKILL')
}

/**
 * A listener keeps a signal from ending this process, so ours ends the programs and sends the signal again. A host with
 * a handler of its own decides for itself: it may want to finish calls first, and its exit ends the programs.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (isEnding) {
    endWith(signal)
    return
  }
  if (process.listenerCount(signal) > 1 + listenersThatWait()) return
  isEnding = true
  for (const program of guarded) program.signal('SIGTERM')
  const end = performance.now() + GRACE_MS
  const look = (): void => {
    const isOver = performance.now() >= end || ![...guarded].some((program) => program.isAlive())
    if (isOver) endWith(signal)
    else setTimeout(look, LOOK_EVERY_MS)
  }
  look()
}

function endWith(signal: NodeJS.Signals): void {
  killAll()
  release()
  guarded.clear()
  isEnding = false
  process.kill(process.pid, signal)
}

/**
 * The listeners of the `signal-exit` package, which many tools bring along. They end the process as ours do, once no
 * other listener is left; two that wait for each other would keep the process alive for good.
 */
function listenersThatWait(): number {
  const older: unknown = Reflect.get(process, '__signal_exit_emitter__')
  const newer: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'))
  return countOf(older) + countOf(newer)
}

const countOf = (emitter: unknown): number => {
  if (typeof emitter !== 'object' || emitter === null || !('count' in emitter)) return 0
  return typeof emitter.count === 'number' ? emitter.count : 0
}
