import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedEvent } from '../../transports/scripted-answer.ts'
import type { Answerer, ScriptedReply } from '../../transports/scripted-transport.ts'
import type { Recording } from './fixture.ts'

/** What goes wrong with a request; undefined: nothing, and the fixture's answer comes. */
export type Trouble = (request: RecordedRequest, number: number) => ScriptedReply | Promise<ScriptedReply> | undefined

/**
 * A provider that answers each call with its fixture's answers, in their order, however many calls run at once.
 * @param trouble asked first; `number` counts the requests of all calls that it is asked about, from 0
 * @param concerns requests that `trouble` is asked about; all unless given
 */
export function playing(
  { answers }: Recording,
  trouble?: Trouble,
  concerns: (request: RecordedRequest) => boolean = () => true,
): Answerer {
  const played = new Map<string, number>()
  let number = 0
  return (request) => {
    const instead = concerns(request) ? trouble?.(request, number++) : undefined
    if (instead !== undefined) return instead
    const call = request.headers['x-request-id'] ?? ''
    const index = played.get(call) ?? 0
    played.set(call, index + 1)
    // Who asks for more than was recorded gets the last answer again, so that the call ends and can be judged.
    return answers[index] ?? answers.at(-1) ?? {}
  }
}

/** Trouble for the first requests only. */
export const atFirst =
  (...replies: readonly (ScriptedReply | (() => ScriptedReply | Promise<ScriptedReply>))[]): Trouble =>
  (_request, number) => {
    const reply = replies[number]
    return typeof reply === 'function' ? reply() : reply
  }

/** A request that gets no answer. */
export const hanging = (): Promise<never> => new Promise<never>(() => {})

/** An answer whose body begins and does not end. */
export const neverEnding = (): ScriptedReply => ({ ...JSON_ANSWER, events: stalls() })

/** An answer that the connection breaks off in the middle of its body. */
export const brokenOff = (): ScriptedReply => ({ ...JSON_ANSWER, events: breaks() })

/** Events are the one scripted body that comes piece by piece. These say nothing, and the header says that it is JSON. */
const JSON_ANSWER = { status: 200, headers: { 'content-type': 'application/json' } }

async function* stalls(): AsyncGenerator<ScriptedEvent> {
  yield {}
  await hanging()
}

async function* breaks(): AsyncGenerator<ScriptedEvent> {
  yield {}
  await Promise.resolve()
  throw new Error('The socket was closed by the other side.')
}

/** What the recorded requests are, told by the method: where a tool takes several steps, some may only read. */
export const writes = ({ method }: RecordedRequest): boolean => method !== 'GET' && method !== 'HEAD'
