export interface FrozenGlobals {
  /** The time on every clock. */
  readonly nowMs: number
  /** The result of every source of randomness. */
  readonly random: number
}

export interface Touched<Value> {
  readonly value?: Value
  readonly error?: unknown
  /** The names of the forbidden globals that were called. */
  readonly touched: readonly string[]
}

/** The globals that an author's function must not use: they send, wait or write. */
const FORBIDDEN_GLOBALS = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]

/**
 * Runs `work`, which must not be asynchronous, with the caller's globals: the clocks stand still, randomness always
 * returns the same, and calls to the outside are recorded and rejected. The real globals are restored on return.
 */
export function underGlobals<Value>(globals: FrozenGlobals, work: () => Value): Touched<Value> {
  const touched: string[] = []
  const restore: (() => void)[] = []
  const put = (owner: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(owner, name)
    Object.defineProperty(owner, name, { value, configurable: true, writable: true })
    restore.unshift(() => {
      if (before === undefined) Reflect.deleteProperty(owner, name)
      else Object.defineProperty(owner, name, before)
    })
  }
  try {
    for (const name of FORBIDDEN_GLOBALS) {
      if (!(name in globalThis)) continue
      put(globalThis, name, function refused(): never {
        touched.push(name)
        throw new Error(`A connector must not call ${name}.`)
      })
    }
    put(globalThis, 'Date', stoppedDate(globals.nowMs))
    put(performance, 'now', () => globals.nowMs)
    put(Math, 'random', () => globals.random)
    put(
      crypto,
      'randomUUID',
      () => `00000000-0000-4000-8000-${String(Math.round(globals.random * 1e11)).padStart(12, '0')}`,
    )
    put(crypto, 'getRandomValues', <Bytes extends Uint8Array>(bytes: Bytes) =>
      bytes.fill(Math.round(globals.random * 255)),
    )
    return { value: work(), touched }
  } catch (error) {
    return { error, touched }
  } finally {
    for (const undo of restore) undo()
  }
}

function stoppedDate(nowMs: number): DateConstructor {
  return new Proxy(Date, {
    apply: (target) => Reflect.construct(target, [nowMs]).toString(),
    construct: (target, values: readonly unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [nowMs] : values, newTarget) as object,
    get: (target, name) => (name === 'now' ? () => nowMs : (Reflect.get(target, name) as unknown)),
  })
}
