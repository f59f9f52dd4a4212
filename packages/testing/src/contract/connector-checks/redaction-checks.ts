import { TransportError } from '@mcpclient/core'
import type { Reply } from '@mcpclient/core'
import type { SignableRequest } from '@mcpclient/core/define'
import type { ScriptedResponse } from '../../transports/scripted-response.ts'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import { mapTexts } from './json-walk.ts'
import { playing } from './provider-script.ts'
import { reachableText } from './reachable-text.ts'
import { TENANT } from './composed-connector.ts'
import { withUnlimited } from './running-connector.ts'
import { endingOf } from './settle.ts'
import { spells } from './spells.ts'
import { oneEach, secretsOf } from './subject.ts'
import type { Call, ContractSubject, Credential } from './subject.ts'

export const redactionChecks = [
  connectorCheck('redaction: a credential that the provider repeats never leaks', async (subject, report) => {
    const secrets = secretsOf(subject.factory, subject.credentialOf(TENANT))
    if (secrets.length === 0) return notApplicable('it asks for no secret')
    for (const [index, call] of oneEach(subject).entries()) {
      for (const [where, [how, ...others]] of await leaks(subject, call, secrets, index === 0)) {
        report(
          `${call.toolName}: it comes out in ${where}, when it is repeated by ${how} and ${others.length} more. ` +
            "Put the provider's own code into a message, never its text, a header or a URL.",
        )
      }
    }
    return undefined
  }),

  connectorCheck('redaction: signing never leaks the credential', async (subject, report) => {
    const { auth } = subject.factory.profile
    const credential = subject.credentialOf(TENANT)
    if (secretsOf(subject.factory, credential).length === 0) return notApplicable('it asks for no secret')
    for (const odd of oddCredentials(subject, credential)) {
      const secrets = secretsOf(subject.factory, odd)
      const ending = await endingOf((async () => auth.sign(REQUEST, odd))())
      if (!ending.succeeded && reachableText(ending.error).some((text) => secrets.some((each) => spells(text, each)))) {
        report('auth: sign() throws an error that holds the credential. Say which field is wrong, not what it is.')
      }
    }
    return undefined
  }),
]

const REQUEST: SignableRequest = {
  method: 'POST',
  url: 'https://provider.example/v1/things?limit=1',
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: '{"name":"a"}',
}

/** Returns the credential and common values that users paste instead of it. */
function oddCredentials({ factory }: ContractSubject, credential: Credential): readonly Credential[] {
  const changed = (change: (value: string) => string): Credential =>
    Object.fromEntries(
      Object.keys(factory.profile.auth.fields).map((field) => [field, change(credential[field] ?? field)]),
    )
  return [
    credential,
    changed((value) => `${value}\n`),
    changed((value) => `Bearer ${value}`),
    changed((value) => `${value}\u2603`),
    changed((value) => value.repeat(40)),
  ]
}

const ELSEWHERE = 'undeclared.example'

type Echo = readonly [how: string, reply: ScriptedReply]

/** Responses and failures that contain the credential where providers or libraries really put it. */
function echoes(subject: ContractSubject, call: Call, secrets: readonly string[]): readonly Echo[] {
  const said = secrets
    .map((secret) => `${secret} (Bearer ${secret}; key=${encodeURIComponent(secret)}; Basic ${btoa(`user:${secret}`)})`)
    .join(' ')
  const headers = echoingHeaders(subject, call, said)
  const body = {
    ...{ ok: false, code: said, error: said, message: said, detail: said, title: said, reason: said, type: said },
    ...{ error_description: said, errors: [{ message: said, reason: said, code: said }], errorMessages: [said] },
    [said]: said,
  }
  const nested = {
    error: { message: said, code: said, status: said, type: said, errors: [{ message: said, reason: said }] },
  }
  const refusals = [400, 401, 403, 429, 500].flatMap((status): Echo[] => [
    [`the body of a ${status}`, { status, json: body, headers }],
    [`the nested body of a ${status}`, { status, json: nested, headers }],
  ])
  return [
    ...refusals,
    ...recordedRefusals(subject, call, said),
    ['a refusal in plain text', { status: 400, text: said, headers }],
    ['a refusal with status 200', { status: 200, json: body, headers }],
    [
      'a body that is not JSON',
      { status: 200, text: `{${said}`, headers: { ...headers, 'content-type': 'application/json' } },
    ],
    ['a body of another shape', { status: 200, json: { [said]: [said], value: { [said]: said } }, headers }],
    [
      'a redirect',
      { status: 302, headers: { ...headers, location: `https://${ELSEWHERE}/?key=${encodeURIComponent(said)}` } },
    ],
    ['the error of a lost connection', new TransportError(`The socket of ${said} was closed.`, { sent: true })],
    ['any other error of the transport', new Error(`fetch failed: https://provider.example/?key=${said}`)],
  ]
}

/** Returns the failures that the author recorded, with the credential appended to every string: the profile reads some of them. */
const recordedRefusals = ({ recordings }: ContractSubject, call: Call, said: string): readonly Echo[] =>
  recordings
    .filter(({ toolName, succeeds }) => toolName === call.toolName && !succeeds)
    .flatMap(({ label, responses }) =>
      responses.map(({ json, ...response }): Echo => [
        `the response of ${label}`,
        { ...response, json: mapTexts(json, (text) => `${text} ${said}`) },
      ]),
    )

/** Returns every header that the profile reads for a failure, plus the headers in which providers put details. */
function echoingHeaders(
  { factory }: ContractSubject,
  _call: Call,
  said: string,
): NonNullable<ScriptedResponse['headers']> {
  const asked = new Set(['www-authenticate', 'x-error', 'x-request-id', 'warning'])
  for (const status of [400, 401, 403, 429, 500]) {
    const reply: Reply = {
      status,
      headers: {
        get(name) {
          asked.add(name)
          return null
        },
      },
      body: {},
    }
    try {
      factory.profile.failure?.(reply)
    } catch {
      // Another check reports it.
    }
  }
  return Object.fromEntries([...asked].map((name) => [name, said]))
}

/** Returns the place where the credential leaks and the value that repeats it there. */
async function leaks(
  subject: ContractSubject,
  call: Call,
  secrets: readonly string[],
  withEnvelope: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const holds = (value: unknown): boolean =>
    reachableText(value).some((text) => secrets.some((secret) => spells(text, secret)))
  const found = new Map<string, string[]>()
  let reply: ScriptedReply = {}
  const options = {
    response: playing(call, () => reply),
    policies: { breaker: { minimumCalls: Number.MAX_SAFE_INTEGER } },
  }
  await withUnlimited(subject, call, options, async (running) => {
    for (const [how, echo] of echoes(subject, call, secrets)) {
      const note = (where: string) => found.set(where, [...(found.get(where) ?? []), how])
      reply = echo
      const before = running.said.length
      const ending = await running.until(endingOf(running.call(call)))
      if (!ending.succeeded && holds(ending.error)) note('the error that a caller gets')
      // The envelope of an error does not depend on the tool, so one tool is enough.
      const envelope = withEnvelope ? await running.until(running.handle(call)) : undefined
      if (envelope?.status === 'error' && holds(envelope)) note('the envelope')
      if (holds(running.said.slice(before))) note('a log line or an event')
    }
    if (running.requests.some(({ url }) => new URL(url).hostname === ELSEWHERE)) {
      found.set(`a request to ${ELSEWHERE}`, ['a redirect'])
    }
  })
  return found
}
