import { ConnectorError } from '@mcpclient/core'
import type { Reply } from '@mcpclient/core'
import type { RequestSpec, Run, Step, Steps, Wait } from '@mcpclient/core/define'
import { settingsOf } from './composed-connector.ts'
import { bodyOf, withPlainHeaders } from './fixture-reply.ts'
import { deepFreeze } from './json-walk.ts'
import type { Call, ContractSubject } from './subject.ts'

/**
 * Returns the request values that a tool builds for a fixture: its request, its pages, or its steps. Each
 * step receives the recorded response. Only the author's own functions run.
 * @throws what they throw
 */
export function builtRequests(
  subject: ContractSubject,
  { tool, input, settings, responses, label }: Call,
): readonly RequestSpec[] {
  const parsed = tool.input.safeParse(input)
  if (!parsed.success) throw new Error(`${label}: the input does not fit the tool's own input schema.`)
  const known = deepFreeze(parsed.data) as never
  const context = deepFreeze({ settings: settingsOf(subject, settings) }) as never
  if (tool.run !== undefined) {
    const requests: RequestSpec[] = []
    const responseTo = (step: Step): unknown => {
      const response = responses[requests.length]
      requests.push(step.request)
      if (response !== undefined && isRefusal(subject, withPlainHeaders(response))) throw new Refused()
      const body = response === undefined ? undefined : bodyOf(response)
      if (step.schema === undefined) return body
      const value = step.schema.safeParse(body)
      if (!value.success) throw new Error(`${label}: response ${requests.length} does not fit the schema of its step.`)
      return value.data
    }
    const run = tool.run(known, context)
    try {
      let step = run.next()
      while (step.done !== true) step = proceed(run, step.value, responseTo)
    } catch (error) {
      // The tool did not catch the provider's refusal: it makes no more requests.
      if (!(error instanceof Refused)) throw error
    }
    return requests
  }
  let request = tool.request?.(known, context)
  const requests: RequestSpec[] = []
  for (const response of responses) {
    if (request === undefined) break
    requests.push(request)
    request = tool.pages?.next(deepFreeze(withPlainHeaders(response)), deepFreeze(request))
  }
  return requests
}

/** Resumes a tool with the response of its step. A refusal is thrown inside the tool, as the runtime does. */
function proceed(
  run: Run<unknown>,
  value: Step | Steps | Wait,
  responseTo: (step: Step) => unknown,
): IteratorResult<Step | Steps | Wait, unknown> {
  if ('waitMs' in value) return run.next()
  let response: unknown
  try {
    response = 'all' in value ? responsesTo(value, responseTo) : responseTo(value)
  } catch (error) {
    if (error instanceof Refused) return run.throw(error)
    throw error
  }
  return run.next(response)
}

function responsesTo({ all, settle }: Steps, responseTo: (step: Step) => unknown): readonly unknown[] {
  if (settle !== true) return all.map(responseTo)
  return all.map((step) => {
    try {
      return { value: responseTo(step) }
    } catch (error) {
      if (error instanceof Refused) return { error }
      throw error
    }
  })
}

const isRefusal = ({ factory }: ContractSubject, reply: Reply): boolean =>
  reply.status >= 400 || factory.profile.failure?.(reply) !== undefined

/** Represents the error that a refused step throws inside a tool. */
class Refused extends ConnectorError {
  constructor() {
    super('MCP_CLIENT_ERROR', 'The provider refused this step.')
  }
}
