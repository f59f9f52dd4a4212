/** The handlers of a process of the bench by name. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>

interface Request {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly problem: string }

/** Serves the requests of the parent process until it disconnects. */
export function serveRequests(handlers: Handlers): void {
  process.on('message', (request: Request) => {
    void handle(handlers, request).then((reply) => process.send?.(reply))
  })
  process.on('disconnect', () => process.exit(0))
}

async function handle(handlers: Handlers, { id, name, input }: Request): Promise<Reply> {
  try {
    const handler = handlers[name]
    if (handler === undefined) throw new Error(`The process has no handler ${name}.`)
    return { id, value: await handler(input as never) }
  } catch (error) {
    return { id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
