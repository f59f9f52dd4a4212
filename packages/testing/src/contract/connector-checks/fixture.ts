import type { AnyTool, RequestSpec } from '@mcpclient/core/define'
import type { ScriptedResponse, ScriptedEvent } from '../../transports/scripted-response.ts'
import { fromBase64, isRecord } from './json-form.ts'

/** A response of the provider as a fixture writes it. Give at most one of `json`, `text`, `base64` and `events`. */
export interface FixtureResponse {
  /** HTTP status; default 200 */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly json?: unknown
  readonly text?: string | undefined
  readonly base64?: string | undefined
  /** Server-sent events, for a streaming tool. */
  readonly events?: readonly ScriptedEvent[] | undefined
}

/** The request value that a tool should build. Omitted fields must be absent from the value. */
export interface FixtureRequest {
  readonly method: RequestSpec['method']
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A JSON body; short for `body: { "kind": "json", "value": ... }`. */
  readonly json?: unknown
  /** A form body; short for `body: { "kind": "form", "fields": ... }`. */
  readonly form?: Readonly<Record<string, unknown>> | undefined
  /** Any body as the request value holds it, bytes as `{ "$bytes": "<base64>" }`. */
  readonly body?: unknown
  /** Compared only if given, like those below. */
  readonly read?: RequestSpec['read']
  readonly cost?: number | undefined
  readonly accepts?: RequestSpec['accepts']
  readonly responseHeaders?: RequestSpec['responseHeaders']
}

/** One exchange with the provider and its result for the caller. */
export interface ConnectorFixture {
  /** The tool; in a file, default the file's name up to its first dot. `check` is the profile's check request. */
  readonly tool?: string | undefined
  /** A description of the fixture, shown in failures. */
  readonly name?: string | undefined
  readonly input?: unknown
  /** Settings of the connection, merged over those of the contract's options. */
  readonly settings?: object | undefined
  readonly request?: FixtureRequest | undefined
  /** The requests of a tool that makes several: pages, steps. */
  readonly requests?: readonly FixtureRequest[] | undefined
  readonly response?: FixtureResponse | undefined
  readonly responses?: readonly FixtureResponse[] | undefined
  /** The expected result: dates as ISO strings, bytes as `{ "$bytes": "<base64>" }`. For `check`: the account. */
  readonly output?: unknown
  /** The expected error. Only the given fields are compared. */
  readonly error?: FixtureError | undefined
}

export interface FixtureError {
  readonly code: string
  readonly message?: string | undefined
  readonly providerCode?: string | undefined
  readonly status?: number | undefined
  readonly retryAfterMs?: number | undefined
  readonly outcome?: string | undefined
}

/** A prepared fixture: its tool is resolved, its lists are built and its responses are scripted. */
export interface Recording {
  /** The name in failures: `send_message.json (to a thread)`. */
  readonly label: string
  readonly toolName: string
  /** Undefined for `check`. */
  readonly tool: AnyTool | undefined
  readonly input: unknown
  readonly settings: object | undefined
  readonly requests: readonly FixtureRequest[] | undefined
  readonly responses: readonly ScriptedResponse[]
  readonly succeeds: boolean
  readonly output: unknown
  readonly error: FixtureError | undefined
}

/** The tool name of fixtures for the profile's check request. */
export const CHECK = 'check'

const FIELDS = ['tool', 'name', 'input', 'settings', 'request', 'requests', 'response', 'responses', 'output', 'error']
const RESPONSE_FIELDS = ['status', 'headers', 'json', 'text', 'base64', 'events']

/**
 * Prepares a fixture.
 * @param source where it comes from, for sentences; a file's name also names the tool
 * @throws Error with a sentence for the author
 */
export function readFixture(given: unknown, source: string, tools: Readonly<Record<string, AnyTool>>): Recording {
  const refuse = (what: string): never => {
    throw new Error(`${source}: ${what}`)
  }
  if (!isRecord(given)) return refuse('a fixture is an object with tool, input, request, response and output.')
  const unknown = Object.keys(given).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) refuse(`there is no field "${unknown}"; a fixture has ${FIELDS.join(', ')}.`)
  const fixture = given as ConnectorFixture
  const toolName = fixture.tool ?? source.replace(/\..*$/s, '')
  const tool = Object.hasOwn(tools, toolName) ? tools[toolName] : undefined
  if (tool === undefined && toolName !== CHECK) {
    refuse(
      `there is no tool "${toolName}". Name the file after one of ${Object.keys(tools).join(', ')}, or say "tool".`,
    )
  }
  const succeeds = 'output' in fixture
  if (succeeds === (fixture.error !== undefined)) refuse('say what the caller gets: either "output" or "error".')
  if (fixture.request !== undefined && fixture.requests !== undefined) refuse('give "request" or "requests", not both.')
  if ((fixture.response === undefined) === (fixture.responses === undefined)) {
    refuse('give the provider\'s response as "response", or the responses to several requests as "responses".')
  }
  const responses = fixture.responses ?? (fixture.response === undefined ? [] : [fixture.response])
  if (responses.length === 0) refuse('"responses" is empty.')
  return {
    label: fixture.name === undefined ? source : `${source} (${fixture.name})`,
    toolName,
    tool,
    input: fixture.input ?? {},
    settings: fixture.settings,
    requests: fixture.requests ?? (fixture.request === undefined ? undefined : [fixture.request]),
    responses: responses.map((response) => scripted(response, refuse)),
    succeeds,
    output: fixture.output,
    error: fixture.error,
  }
}

function scripted(given: unknown, refuse: (what: string) => never): ScriptedResponse {
  if (!isRecord(given)) {
    return refuse('a response is an object with status, headers and one of json, text, base64, events.')
  }
  const unknown = Object.keys(given).find((name) => !RESPONSE_FIELDS.includes(name))
  if (unknown !== undefined) {
    refuse(`a response has no field "${unknown}"; it has ${RESPONSE_FIELDS.join(', ')}. A JSON body goes under "json".`)
  }
  const { base64, ...rest } = given as FixtureResponse
  return base64 === undefined ? rest : { ...rest, bytes: fromBase64(base64) }
}

/** Returns the request value of a fixture in the form in which values are compared. */
export function expectedRequest({
  json,
  form,
  body,
  query,
  headers,
  ...rest
}: FixtureRequest): Readonly<Record<string, unknown>> {
  const content =
    json !== undefined ? { kind: 'json', value: json } : form !== undefined ? { kind: 'form', fields: form } : body
  return {
    ...rest,
    ...(isFilled(query) && { query }),
    ...(isFilled(headers) && { headers }),
    ...(content !== undefined && { body: content }),
  }
}

export const isFilled = (record: object | undefined): record is object =>
  record !== undefined && Object.values(record).some((value) => value !== undefined)
