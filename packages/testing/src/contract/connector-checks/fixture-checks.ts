import { ConnectorError } from '@mcpclient/core'
import type { RequestSpec } from '@mcpclient/core/define'
import { builtRequests } from './built-requests.ts'
import { settingsOf } from './composed-connector.ts'
import { connectorCheck } from './connector-check.ts'
import type { Report } from './connector-check.ts'
import { expectedRequest, isFilled } from './fixture.ts'
import type { FixtureError, Recording } from './fixture.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { difference, excerpt, isRecord, jsonForm } from './json-form.ts'
import { everyValue, replaceAt } from './json-walk.ts'
import type { JsonPath } from './json-walk.ts'
import { isOpenAt } from './open-schema.ts'
import { playing } from './provider-script.ts'
import { provesNothingHappened } from './representative.ts'
import { withRunning } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import type { Ending } from './settle.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

export const fixtureChecks = [
  connectorCheck('fixtures: each request equals the recorded one', (subject, report) => {
    for (const recording of subject.recordings) {
      const examined = (request: RequestSpec) => examineCost(subject, recording, request, report)
      compareRequests(recording, () => requestsOf(subject, recording).map(examined), report)
    }
  }),

  connectorCheck('fixtures: each response returns the recorded output', async (subject, report) => {
    for (const recording of subject.recordings) {
      if (isCall(recording)) await compareResponse(subject, recording, report)
      else compareAccount(subject, recording, report)
    }
  }),

  connectorCheck('fixtures: unknown fields are dropped and break nothing', async (subject, report) => {
    for (const call of successes(subject)) await addStrangers(subject, call, report)
  }),
]

const isCall = (recording: Recording): recording is Call => recording.tool !== undefined

/** Returns the requests of a recording; a check has one. */
function requestsOf(subject: ContractSubject, recording: Recording): readonly RequestSpec[] {
  if (isCall(recording)) return builtRequests(subject, recording)
  const { request } = subject.factory.profile.check ?? {}
  const settings = settingsOf(subject, recording.settings) as never
  if (request === undefined) return []
  const built = typeof request === 'function' ? request({ settings }) : request
  return built.method === 'EXCHANGE' ? [] : [built]
}

/** Reports the names in a cost that no limit has. Without named limits none is wrong: variants of a service share tools. */
function examineCost(
  subject: ContractSubject,
  { label }: Recording,
  request: RequestSpec,
  report: Report,
): RequestSpec {
  const names = (subject.factory.profile.limits ?? []).flatMap(({ name }) => name ?? [])
  const { cost } = request
  const unknown = typeof cost === 'object' && names.length > 0 ? Object.keys(cost) : []
  for (const name of unknown.filter((each) => !names.includes(each))) {
    report(`${label}: its cost names the limit "${name}", which is none of ${names.join(', ')}.`)
  }
  return request
}

function compareRequests(recording: Recording, build: () => readonly RequestSpec[], report: Report): void {
  const { label, requests } = recording
  if (requests === undefined) {
    if (recording.succeeds && isCall(recording)) {
      report(`${label}: it has no request. Write the "request" that the input should produce.`)
    }
    return
  }
  let built: readonly RequestSpec[]
  try {
    built = build()
  } catch (error) {
    report(`${label}: the request cannot be built: ${error instanceof Error ? error.message : excerpt(error)}`)
    return
  }
  for (const [index, written] of requests.entries()) {
    const expected = expectedRequest(written)
    const request = built[index]
    if (request === undefined) {
      report(`${label}: the tool makes ${built.length} requests, and the fixture writes ${requests.length}.`)
      return
    }
    const { query, headers, read, cost, accepts, responseHeaders, ...rest } = request
    const actual = jsonForm({
      ...rest,
      ...(isFilled(query) && { query }),
      ...(isFilled(headers) && { headers }),
      ...('read' in expected && { read }),
      ...('cost' in expected && { cost }),
      ...('accepts' in expected && { accepts }),
      ...('responseHeaders' in expected && { responseHeaders }),
    })
    const differs = difference(actual, expected)
    if (differs !== undefined) report(`${label}: request ${index + 1} is not the written one: ${differs}.`)
  }
  // With one `request`, the fixture does not cover the pages and steps after it.
  if (requests.length > 1 && built.length > requests.length) {
    report(`${label}: the tool makes ${built.length} requests, and the fixture writes ${requests.length}.`)
  }
}

async function compareResponse(subject: ContractSubject, call: Call, report: Report): Promise<void> {
  const { label, responses } = call
  await withRunning(subject, { response: playing(call), settings: call.settings }, async (running) => {
    // A transient failure is retried; the fixture covers the first response.
    const ending = await running.until(endingOf(running.call(call, { maxPages: responses.length })))
    judge(subject, call, ending, report)
    const asked = running.requests.length
    if (ending.succeeded && asked !== responses.length) {
      report(
        `${label}: ${responses.length} responses are written, and ${asked} requests were sent. Write one for each request.`,
      )
    }
  })
}

function judge({ factory }: ContractSubject, call: Call, ending: Ending, report: Report): void {
  const { label, tool, succeeds, output, error, responses } = call
  if (succeeds) {
    if (!ending.succeeded) return report(`${label}: the call should go well, and ${described(ending)}`)
    const expected = isRecord(output) && tool.pages !== undefined ? { complete: true, ...output } : output
    const differs = difference(jsonForm(ending.value), expected)
    if (differs !== undefined) report(`${label}: the output is not the written one: ${differs}.`)
    return
  }
  if (ending.succeeded) return report(`${label}: the call should fail with ${error?.code}, and ${described(ending)}.`)
  const differs = error && difference(factsOf(ending.error, error), error)
  if (differs !== undefined) report(`${label}: it fails in another way: ${differs} (${described(ending)})`)
  const failed = failureIn(ending)
  const proof = responses.some((response) => provesNothingHappened(factory.profile, response))
  if (tool.effect !== 'read' && failed?.code === 'MCP_SERVER_ERROR' && failed.details.outcome !== 'unknown' && !proof) {
    report(`${label}: a write that the provider failed at may have happened, and its outcome must be "unknown".`)
  }
}

/** Selects the fields that the fixture defines. */
function factsOf(error: unknown, wanted: FixtureError): unknown {
  if (!ConnectorError.is(error)) return { code: String(error) }
  const facts: Readonly<Record<string, unknown>> = { ...error.details, code: error.code, message: error.message }
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, facts[name]]))
}

function compareAccount({ factory }: ContractSubject, recording: Recording, report: Report): void {
  const { check } = factory.profile
  const [response] = recording.responses
  if (check === undefined || response === undefined) {
    return report(`${recording.label}: the profile has no check request. Declare one, or remove the fixture.`)
  }
  if (!recording.succeeds) return
  const account = check.account?.(withPlainHeaders(response).body)
  const differs = difference(jsonForm(account), recording.output ?? undefined)
  if (differs !== undefined) report(`${recording.label}: the account is not the written one: ${differs}.`)
}

const STRANGER = 'contract_stranger'
/** Tried objects of one response; further ones are similar. */
const MAX_PLACES = 40

/** Adds a field to each object of each response, one at a time: it must neither appear in the output nor be rejected. */
async function addStrangers(subject: ContractSubject, call: Call, report: Report): Promise<void> {
  const schema = await outputSchemaOf(subject, call)
  for (const [index, response] of call.responses.entries()) {
    if (response.json === undefined) continue
    const places = [...everyValue(response.json)].filter(([, value]) => isRecord(value)).slice(0, MAX_PLACES)
    for (const [path, place] of places) {
      if (!isRecord(place)) continue
      const ask = async (stranger: unknown): Promise<Ending> => {
        const json = replaceAt(response.json, path, { ...place, [STRANGER]: stranger })
        const responses = call.responses.map((each, at) => (at === index ? { ...response, json } : each))
        return askOnce(subject, { ...call, responses })
      }
      const ending = await ask('x')
      if (!ending.succeeded) {
        // A map of numbers may reject a string, but accepts one more number.
        const [sibling] = Object.values(place)
        if (sibling !== undefined && (await ask(sibling)).succeeded) continue
        report(
          `${call.label}: one more field at ${shown(path)} of the response makes the call fail. Providers add fields: ` +
            `use z.object, which drops them, and not z.strictObject. (${described(ending)})`,
        )
      } else if (passed(ending.value).some((at) => !isOpenAt(schema, at))) {
        report(
          `${call.label}: a field that the output schema does not name comes out of the response at ${shown(path)}. ` +
            'Name the fields that callers need with z.object; z.looseObject and z.unknown() let everything through.',
        )
      }
    }
  }
}

const shown = (path: JsonPath): string => (path.length === 0 ? 'the top' : excerpt(path.join('.')))

const passed = (output: unknown): readonly JsonPath[] =>
  [...everyValue(jsonForm(output))].flatMap(([path, value]) => (isRecord(value) && STRANGER in value ? [path] : []))

const askOnce = (subject: ContractSubject, call: Call): Promise<Ending> =>
  withRunning(subject, { response: playing(call), settings: call.settings }, (running) =>
    running.until(endingOf(running.call(call, { maxPages: call.responses.length }))),
  )

async function outputSchemaOf(subject: ContractSubject, call: Call): Promise<unknown> {
  const description = await withRunning(subject, { response: playing(call), settings: call.settings }, (running) =>
    running.describe(call.toolName),
  )
  return description?.outputSchema
}
