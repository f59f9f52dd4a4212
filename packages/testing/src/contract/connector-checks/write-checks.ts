import { codes, TransportError } from '@mcpclient/core'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ConnectorCheck } from './connector-check.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { brokenOff, hanging, playing } from './provider-script.ts'
import { concerning, failureOf, provesNothingHappened, representative } from './representative.ts'
import { withUnlimited } from './running-connector.ts'
import { described, endingOf, failureIn } from './settle.ts'
import type { ContractSubject } from './subject.ts'

interface Loss {
  readonly name: string
  readonly reply: () => ScriptedReply | Promise<ScriptedReply>
  /** The response from which a profile may read that the provider did not process the request. */
  readonly response?: ScriptedReply
}

/** The losses after which the provider may have done its work. */
const losses: readonly Loss[] = [
  { name: 'the reply is lost', reply: () => new TransportError('The other side hung up.', { sent: true }) },
  { name: 'the reply breaks off', reply: brokenOff },
  { name: 'the reply does not come in time', reply: hanging },
  { name: 'the reply is a 500', ...lostAfter({ status: 500, json: {} }) },
  { name: 'the reply is a 503', ...lostAfter({ status: 503, json: {} }) },
]

function lostAfter(response: ScriptedReply): Pick<Loss, 'reply' | 'response'> {
  return { reply: () => response, response }
}

const mayRepeat = ({ factory }: ContractSubject, { response }: Loss): boolean =>
  provesNothingHappened(factory.profile, response)

export const writeChecks: readonly ConnectorCheck[] = [
  ...losses.map((loss) =>
    connectorCheck(`matrix: a write is not sent twice when ${loss.name}`, async (subject, report) => {
      const call = representative(subject, 'unsafe write')
      if (call === undefined) return notApplicable('every write may be repeated, or there is none')
      if (mayRepeat(subject, loss)) return notApplicable('the profile says that this provider did not process it')
      const concerns = concerning(call)
      const options = { response: playing(call, loss.reply, concerns) }
      await withUnlimited(subject, call, options, async (running) => {
        const ending = await running.until(endingOf(running.call(call)))
        const seen = running.requests.filter(concerns).length
        if (seen !== 1) report(`${call.toolName}: the provider must see the write once, and saw it ${seen} times.`)
        if (failureIn(ending)?.details.outcome !== 'unknown') {
          report(`${call.toolName}: the outcome is unknown, and the error must say so; ${described(ending)}`)
        }
      })
      return undefined
    }),
  ),

  ...losses.map((loss) =>
    connectorCheck(
      `matrix: a write that may be repeated is, under one key, when ${loss.name}`,
      async (subject, report) => {
        const call = representative(subject, 'safe write')
        if (call === undefined) return notApplicable('no write is idempotent or has a key')
        const concerns = concerning(call)
        const once = (_request: unknown, number: number) => (number === 0 ? loss.reply() : undefined)
        const options = { response: playing(call, once, concerns) }
        await withUnlimited(subject, call, options, async (running) => {
          const ending = await running.until(endingOf(running.call(call)))
          if (!ending.succeeded) report(`${call.toolName}: it may be sent again, and must be; ${described(ending)}`)
          const header = call.tool.idempotencyKey?.header.toLowerCase()
          if (header === undefined) return
          const keys = running.requests.filter(concerns).map(({ headers }) => headers[header])
          if (keys.some((key) => key === undefined || key !== keys[0])) {
            report(`${call.toolName}: every attempt must carry the same ${header}; they carry ${keys.join(', ')}.`)
          }
        })
        return undefined
      },
    ),
  ),

  connectorCheck('matrix: a write that was provably not sent is sent again', async (subject, report) => {
    const call = representative(subject, 'unsafe write') ?? representative(subject, 'safe write')
    if (call === undefined) return notApplicable('there is no fixture of a tool that writes')
    const concerns = concerning(call)
    const once = (_request: unknown, number: number) =>
      number === 0 ? new TransportError('The connection was refused.', { sent: false }) : undefined
    const options = { response: playing(call, once, concerns) }
    await withUnlimited(subject, call, options, async (running) => {
      const ending = await running.until(endingOf(running.call(call)))
      if (!ending.succeeded)
        report(`${call.toolName}: nothing had happened, so it must be tried again; ${described(ending)}`)
    })
    return undefined
  }),

  connectorCheck(
    'matrix: a write that the provider says it did not process is sent again, and no other',
    async (subject, report) => {
      const call = representative(subject, 'unsafe write')
      if (call === undefined) return notApplicable('every write may be repeated, or there is none')
      const concerns = concerning(call)
      for (const status of [429, 503]) {
        const response = { status, json: {}, headers: { 'retry-after': '1' } }
        const proof = provesNothingHappened(subject.factory.profile, response)
        const once = (_request: unknown, number: number) => (number === 0 ? response : undefined)
        const options = { response: playing(call, once, concerns) }
        await withUnlimited(subject, call, options, async (running) => {
          const ending = await running.until(endingOf(running.call(call)))
          const seen = running.requests.filter(concerns).length
          const said = failureOf(subject.factory.profile, withPlainHeaders(response))
          const mayPass = said?.code === undefined || codes[said.code].retryable
          if (proof && mayPass && !ending.succeeded) {
            report(
              `${call.toolName}: to ${status}, which proves that nothing happened, it must be sent again; ${described(ending)}`,
            )
          }
          if (!proof && seen !== 1) {
            report(`${call.toolName}: to ${status}, which proves nothing at this provider, it was sent ${seen} times.`)
          }
        })
      }
      return undefined
    },
  ),
]
