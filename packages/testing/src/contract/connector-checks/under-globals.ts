export interface World {
  /** What every clock shows. */
  readonly nowMs: number
  /** What chance gives. */
  readonly random: number
}

export interface Touched<Value> {
  readonly value?: Value
  readonly error?: unknown
  /** Doors to the outside that were tried. */
  readonly touched: readonly string[]
}

/** What no author's function may use: it sends, waits or writes. */
const DOORS = ['fetch', 'XMLHttpRequest', 'WebSocket', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']

/**
 * Runs `work`, which must not be asynchronous, in a world of the caller's making: the clocks stand still, chance always
 * gives the same, and who tries a door to the outside is noted and refused. The real globals are back when it returns.
 */
export function underGlobals<Value>(world: World, work: () => Value): Touched<Value> {
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
    for (const name of DOORS) {
      if (!(name in globalThis)) continue
      put(globalThis, name, function refused(): never {
        touched.push(name)
        throw new Error(`${name} is not for a connector to call.`)
      })
    }
    put(globalThis, 'Date', stoppedDate(world.nowMs))
    put(performance, 'now', () => world.nowMs)
    put(Math, 'random', () => world.random)
    put(
      crypto,
      'randomUUID',
      () => `00000000-0000-4000-8000-${String(Math.round(world.random * 1e11)).padStart(12, '0')}`,
    )
    put(crypto, 'getRandomValues', <Bytes extends Uint8Array>(bytes: Bytes) =>
      bytes.fill(Math.round(world.random * 255)),
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
