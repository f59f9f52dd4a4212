import { repairMessage } from './repair-message.ts'

type Chunk = Uint8Array<ArrayBuffer>

const LF = 10
const CR = 13
/** The letters of `null`. */
const NULL = [110, 117, 108, 108]
/** Bytes of the longest boundary between two events, except the last byte. */
const TAIL = 3

/** Repairs the messages in a stream of server-sent events. Emits each event as soon as it is complete. */
export function repairEvents(body: ReadableStream<Chunk>): ReadableStream<Chunk> {
  const reader = body.getReader()
  /** The beginning of an incomplete event. */
  let pending: Chunk[] = []
  const next = async (): Promise<Chunk | undefined> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        const rest = pending
        pending = []
        return rest.length === 0 ? undefined : repaired(rest)
      }
      const end = endOfEvents(pending.at(-1), value)
      if (end === 0) {
        pending.push(value)
        continue
      }
      const events = [...pending, end === value.length ? value : value.slice(0, end)]
      pending = end === value.length ? [] : [value.slice(end)]
      return repaired(events)
    }
  }
  return new ReadableStream<Chunk>(
    {
      async pull(controller) {
        const chunk = await next()
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** Returns how many bytes of `chunk` belong to complete events. */
function endOfEvents(before: Chunk | undefined, chunk: Chunk): number {
  const tail = before === undefined ? [] : [...before.slice(-TAIL)]
  const at = (index: number): number | undefined => (index < 0 ? tail.at(index) : chunk[index])
  for (let index = chunk.length - 1; index >= 0; index--) {
    const byte = chunk[index]
    if (byte !== LF && byte !== CR) continue
    const isBoundary =
      byte === CR ? at(index - 1) === CR : at(index - 1) === LF || (at(index - 1) === CR && at(index - 2) === LF)
    if (isBoundary) return index + 1
  }
  return 0
}

function repaired(chunks: readonly Chunk[]): Chunk {
  const [first] = chunks
  const events = first !== undefined && chunks.length === 1 ? first : joined(chunks)
  // Nearly all messages hold no null and need no repair.
  if (!mentionsNull(events)) return events
  const text = new TextDecoder().decode(events)
  const better = text.replaceAll(/^data: ?(\{[^\r\n]*\})$/gm, repairedLine)
  return better === text ? events : new TextEncoder().encode(better)
}

function repairedLine(line: string, json: string): string {
  if (!/"(?:_meta|error|id|method|params|progressToken|result)"\s*:\s*null\b/.test(json)) return line
  try {
    const message: unknown = JSON.parse(json)
    const better = repairMessage(message)
    return better === message ? line : `data: ${JSON.stringify(better)}`
  } catch {
    return line
  }
}

function joined(chunks: readonly Chunk[]): Chunk {
  const all = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

function mentionsNull(bytes: Chunk): boolean {
  const [first = 0] = NULL
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (NULL.every((letter, index) => bytes[at + index] === letter)) return true
  }
  return false
}
