import { ConnectorError } from '@mcpclient/core'
import type { Reply } from '@mcpclient/core'
import type { RequestSpec, Run, Step, Steps } from '@mcpclient/core/define'
import { bodyOf, withPlainHeaders } from './fixture-reply.ts'
import { deepFreeze } from './json-walk.ts'
import type { Call, ContractSubject } from './subject.ts'

/**
 * The request values that a tool builds for a fixture: its one request, those of its pages, or those of its steps, each
 * step answered as recorded. Nothing runs but the author's own functions.
 * @throws what they throw
 */
export function builtRequests(
  subject: ContractSubject,
  { tool, input, settings, answers, label }: Call,
): readonly RequestSpec[] {
  const parsed = tool.input.safeParse(input)
  if (!parsed.success) throw new Error(`${label}: the input does not fit the tool's own input schema.`)
  const known = deepFreeze(parsed.data) as never
  const context = deepFreeze({ settings: settingsOf(subject, settings) }) as never
  if (tool.run !== undefined) {
    const requests: RequestSpec[] = []
    const answered = (step: Step): unknown => {
      const answer = answers[requests.length]
      requests.push(step.request)
      if (answer !== undefined && isRefusal(subject, withPlainHeaders(answer))) throw new Refused()
      const body = answer === undefined ? undefined : bodyOf(answer)
      if (step.schema === undefined) return body
      const value = step.schema.safeParse(body)
      if (!value.success) throw new Error(`${label}: answer ${requests.length} does not fit the schema of its step.`)
      return value.data
    }
    const run = tool.run(known, context)
    try {
      let step = run.next()
      while (step.done !== true) step = proceed(run, step.value, answered)
    } catch (error) {
      // The tool let the provider's refusal through: it makes no more requests.
      if (!(error instanceof Refused)) throw error
    }
    return requests
  }
  let request = tool.request?.(known, context)
  const requests: RequestSpec[] = []
  for (const answer of answers) {
    if (request === undefined) break
    requests.push(request)
    request = tool.pages?.next(deepFreeze(withPlainHeaders(answer)), deepFreeze(request))
  }
  return requests
}

/** Resumes a tool with the response of its step. A refusal is thrown inside the tool, as the runtime does. */
function proceed(
  run: Run<unknown>,
  value: Step | Steps,
  answered: (step: Step) => unknown,
): IteratorResult<Step | Steps, unknown> {
  let response: unknown
  try {
    response = 'all' in value ? responsesTo(value, answered) : answered(value)
  } catch (error) {
    if (error instanceof Refused) return run.throw(error)
    throw error
  }
  return run.next(response)
}

function responsesTo({ all, settle }: Steps, answered: (step: Step) => unknown): readonly unknown[] {
  if (settle !== true) return all.map(answered)
  return all.map((step) => {
    try {
      return { value: answered(step) }
    } catch (error) {
      if (error instanceof Refused) return { error }
      throw error
    }
  })
}

const isRefusal = ({ factory }: ContractSubject, reply: Reply): boolean =>
  reply.status >= 400 || factory.profile.failure?.(reply) !== undefined

/** Stands for the error that a refused step throws inside a tool. */
class Refused extends ConnectorError {
  constructor() {
    super('MCP_CLIENT_ERROR', 'The provider refused this step.')
  }
}

/** The composition's settings, then those of the connection over them. */
export function settingsOf({ factory, options, settings }: ContractSubject, own: object | undefined): object {
  const connector = factory(options as never)
  return connector.parseSettings({ ...connector.settings, ...settings, ...own })
}
