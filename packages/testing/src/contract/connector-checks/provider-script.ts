import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedEvent } from '../../transports/scripted-response.ts'
import type { Responder, ScriptedReply } from '../../transports/scripted-transport.ts'
import type { Recording } from './fixture.ts'

/** The fault of a request. Undefined means none: the fixture's response is returned. */
export type Trouble = (request: RecordedRequest, number: number) => ScriptedReply | Promise<ScriptedReply> | undefined

/**
 * Returns a provider that replies to each call with its fixture's responses in order, however many calls run at once.
 * @param trouble asked first; `number` counts the requests of all calls that it is asked about, from 0
 * @param concerns selects the requests that `trouble` is asked about
 * @default every request
 */
export function playing(
  { responses }: Recording,
  trouble?: Trouble,
  concerns: (request: RecordedRequest) => boolean = () => true,
): Responder {
  const played = new Map<string, number>()
  let number = 0
  return (request) => {
    const instead = concerns(request) ? trouble?.(request, number++) : undefined
    if (instead !== undefined) return instead
    const call = request.headers['x-request-id'] ?? ''
    const index = played.get(call) ?? 0
    played.set(call, index + 1)
    // Further requests receive the last response again, so that the call ends and can be checked.
    return responses[index] ?? responses.at(-1) ?? {}
  }
}

/** Returns a fault for the first requests only. */
export const atFirst =
  (...replies: readonly (ScriptedReply | (() => ScriptedReply | Promise<ScriptedReply>))[]): Trouble =>
  (_request, number) => {
    const reply = replies[number]
    return typeof reply === 'function' ? reply() : reply
  }

/** Leaves a request without a response. */
export const hanging = (): Promise<never> => new Promise<never>(() => {})

/** Returns a response whose body begins and never ends. */
export const neverEnding = (): ScriptedReply => ({ ...JSON_RESPONSE, events: stalls() })

/** Returns a response whose connection breaks in the middle of the body. */
export const brokenOff = (): ScriptedReply => ({ ...JSON_RESPONSE, events: breaks() })

/** Events are the one scripted body that comes piece by piece. These are empty, and the header declares JSON. */
const JSON_RESPONSE = { status: 200, headers: { 'content-type': 'application/json' } }

async function* stalls(): AsyncGenerator<ScriptedEvent> {
  yield {}
  await hanging()
}

async function* breaks(): AsyncGenerator<ScriptedEvent> {
  yield {}
  await Promise.resolve()
  throw new Error('The socket was closed by the other side.')
}

/** Returns the kind of the recorded requests by their method: in a tool with several steps, some only read. */
export const writes = ({ method }: RecordedRequest): boolean => method !== 'GET' && method !== 'HEAD'
