/** One run of an engine that a driver moves from one port call to the next. */
export interface Actor<Result> {
  /** Resolves once the run waits again or has ended. Undefined: it waits. */
  step(): Promise<{ readonly result: Result } | undefined>
}

/** Gives turns to the calls of a port: each waits before its effect and before its response. */
export interface Turns {
  wait(): Promise<void>
}

/**
 * Starts work whose port calls wait for a driver. An actor that is not stepped any more never continues: that is a crash,
 * before an effect or between the effect and the response.
 */
export function startActor<Result>(work: (turns: Turns) => Promise<Result>): Actor<Result> {
  let resume: (() => void) | undefined
  let onPause: (() => void) | undefined
  let ended: { readonly result: Result } | { readonly error: unknown } | undefined
  const turns: Turns = {
    wait: () =>
      new Promise((resolve) => {
        resume = resolve
        onPause?.()
      }),
  }
  const begin = (): void => {
    work(turns).then(
      (result) => {
        ended = { result }
        onPause?.()
      },
      (error: unknown) => {
        ended = { error }
        onPause?.()
      },
    )
  }
  let isStarted = false
  return {
    async step() {
      await new Promise<void>((resolve) => {
        onPause = resolve
        if (isStarted) resume?.()
        else begin()
        isStarted = true
      })
      if (ended === undefined) return undefined
      if ('error' in ended) throw ended.error
      return ended
    },
  }
}

/** Wraps the methods of a port, so that each call takes two turns. */
export function inTurns<Port extends object>(
  port: Port,
  turns: Turns,
  methods: readonly (keyof Port)[],
  trace: (method: string, parameters: readonly unknown[], result: unknown) => void,
): Port {
  const wrapped = { ...port }
  for (const name of methods) {
    const method = port[name]
    if (typeof method !== 'function') continue
    const call = async (...parameters: readonly unknown[]): Promise<unknown> => {
      await turns.wait()
      trace(String(name), parameters, 'called')
      const result: unknown = await Reflect.apply(method, port, parameters)
      trace(String(name), parameters, result)
      await turns.wait()
      return result
    }
    Object.assign(wrapped, { [name]: call })
  }
  return wrapped
}
