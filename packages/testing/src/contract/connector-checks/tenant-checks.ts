import { sleep } from '@mcpclient/core'
import type { AuthStrategy, SignableRequest } from '@mcpclient/core/define'
import { seededRandom } from '../../random.ts'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { Report } from './connector-check.ts'
import { difference, jsonForm } from './json-form.ts'
import { playing } from './provider-script.ts'
import { runConnector, withRunning } from './running-connector.ts'
import type { RunningConnector } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import { spells } from './spells.ts'
import { oneEach, secretsOf, successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

const TENANTS = ['ada', 'bob'] as const
const ROUNDS = 50
/** The provider responds in another order than that of the requests. */
const MAX_RESPONSE_MS = 1000
/** Put onto each request beside the signature, so that the provider knows whose credential it was given. */
const SIGNED_FOR = 'x-contract-signed-for'

export const tenantChecks = [
  connectorCheck('tenants: sign() uses the credential that it receives', async (subject, report) => {
    const { auth } = subject.factory.profile
    if (secretsOf(subject.factory, subject.credentialOf(TENANTS[0])).length === 0) {
      return notApplicable('it asks for no secret')
    }
    if (!subject.tenantsDiffer) {
      return notApplicable('the contract got one credential for all; pass a function from tenant to credential')
    }
    const [ada, bob] = TENANTS.map((tenant) => subject.credentialOf(tenant))
    if (ada === undefined || bob === undefined) return undefined
    const sign = async (credential: typeof ada): Promise<unknown> => jsonForm(await auth.sign(REQUEST, credential))
    const [first, others, again] = [await sign(ada), await sign(bob), await sign(ada)]
    if (difference(first, others) === undefined || difference(again, others) === undefined) {
      report('auth: sign() gives two credentials the same signature. Compute it for each request and cache nothing.')
    }
    return undefined
  }),

  connectorCheck('tenants: two tenants at once never share a credential or a response', async (subject, report) => {
    const call =
      oneEach(subject).find(({ tool }) => tool.stream === undefined && tool.run === undefined) ?? successes(subject)[0]
    if (call === undefined) return notApplicable('there is no fixture to call with')
    const perTenant = subject.factory.profile.auth.holders.includes('connection') && hasFields(subject)
    const slowness = seededRandom('tenants')
    const good = playing(call)
    const running: RunningConnector = await runConnector(subject, {
      tenants: TENANTS,
      settings: call.settings,
      profile: { auth: marked(subject) },
      policies: { breaker: { minimumCalls: Number.MAX_SAFE_INTEGER } },
      response: async (request, index) => {
        await sleep(running.clock, slowness() * MAX_RESPONSE_MS, request.signal)
        return refusedIn(request) ? REFUSAL : good(request, index)
      },
    })
    try {
      const endings = await running.until(Promise.all(bothInTurns(running, call)))
      for (const { tenant, refused, ending } of endings) {
        const right = refused ? failureIn(ending)?.details.status === REFUSAL.status : ending.succeeded
        if (!right) {
          report(
            `${call.toolName}: ${tenant} must get ${refused ? 'its own refusal' : 'its own response'}; ${described(ending)}`,
          )
        }
      }
      if (perTenant) examineCredentials(subject, running, report)
    } finally {
      await running.close()
    }
    return undefined
  }),

  connectorCheck('tenants: a tenant without a connection is rejected, and nothing is sent', async (subject, report) => {
    const { holders } = subject.factory.profile.auth
    if (!hasFields(subject) || !holders.includes('connection')) return notApplicable('tenants bring no credential')
    const [call] = oneEach(subject)
    if (call === undefined) return notApplicable('there is no fixture to call with')
    await withRunning(subject, { tenants: TENANTS, response: playing(call) }, async (running) => {
      const ending = await running.until(endingOf(running.call(call, { tenant: 'eve' })))
      if (failureIn(ending)?.code !== 'MCP_AUTHENTICATION_FAILURE' || running.requests.length > 0) {
        report(
          `${call.toolName}: a tenant without a credential must get MCP_AUTHENTICATION_FAILURE; ${described(ending)}`,
        )
      }
    })
    return undefined
  }),
]

const REQUEST: SignableRequest = {
  method: 'GET',
  url: 'https://provider.example/v1/things',
  headers: { accept: 'application/json' },
  body: undefined,
}

const REFUSAL = { status: 404, json: {} } as const satisfies ScriptedReply

const hasFields = ({ factory }: ContractSubject): boolean => Object.keys(factory.profile.auth.fields).length > 0

/** Wraps the connector's own strategy and passes the tenant to the provider. */
function marked(subject: ContractSubject): AuthStrategy {
  const { auth } = subject.factory.profile
  return {
    ...auth,
    sign: async (request, credential, grant) => {
      const signature = await auth.sign(request, credential, grant)
      const owner = TENANTS.find((tenant) => {
        const own = subject.credentialOf(tenant)
        // A typed token is stored as a grant, which leaves its credential empty.
        return grant === undefined
          ? difference(own, { ...credential }) === undefined
          : own['token'] === grant.accessToken
      })
      return { ...signature, headers: { ...signature.headers, [SIGNED_FOR]: owner ?? 'nobody' } }
    },
  }
}

/** Rejects the tenants in turn, so that a response of the other tenant is detected immediately. */
function bothInTurns(running: RunningConnector, call: Call) {
  return Array.from({ length: ROUNDS }, (_, round) => round).flatMap((round) =>
    TENANTS.map(async (tenant, index) => {
      const refused = (round + index) % 2 === 0
      const requestId = `${tenant}-${round}-${refused ? 'refused' : 'accepted'}`
      return { tenant, refused, ending: await endingOf(running.call(call, { tenant, requestId })) }
    }),
  )
}

const refusedIn = ({ headers }: RecordedRequest): boolean => headers['x-request-id']?.endsWith('refused') === true

function examineCredentials(subject: ContractSubject, { requests }: RunningConnector, report: Report): void {
  for (const request of requests) {
    const tenant = request.headers['x-request-id']?.split('-')[0] ?? ''
    const signedFor = request.headers[SIGNED_FOR]
    if (signedFor !== tenant && subject.tenantsDiffer) {
      report(`A request of ${tenant} was signed with the credential of ${String(signedFor)}.`)
    }
    const others = TENANTS.filter((other) => other !== tenant && subject.tenantsDiffer)
    const sent = [request.url, ...Object.values(request.headers), typeof request.body === 'string' ? request.body : '']
    for (const other of others) {
      const secrets = secretsOf(subject.factory, subject.credentialOf(other))
      if (sent.some((text) => secrets.some((secret) => spells(text, secret)))) {
        report(`A request of ${tenant} carries the credential of ${other}. Keep nothing in sign() between requests.`)
      }
    }
  }
}
