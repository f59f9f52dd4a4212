import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import sdk from 'twilio'
import type { Twilio } from 'twilio'
import { describe, expect, it } from 'vitest'
import { twilio } from '../src/index.ts'

const accountSid = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'
const authToken = 'recorded'

/** Returns the SDK, sending its requests to a server on loopback. */
function vendor(url: string): Twilio {
  const httpClient = new sdk.RequestClient()
  const request = httpClient.request.bind(httpClient)
  httpClient.request = (options) => request({ ...options, uri: options.uri.replace('https://api.twilio.com', url) })
  return sdk(accountSid, authToken, { httpClient })
}

/** The input of a fixture in camel case, as the SDK has its names. */
interface Input {
  readonly sid: string
  readonly to: string
  readonly from?: string
  readonly sendAt?: string
  readonly contentVariables?: object
  readonly status?: 'canceled' | 'completed'
  readonly pageSize: number
}
const camelCase = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
      value as unknown,
    ]),
  )
const whatsapp = (number: string | undefined) => number && `whatsapp:${number}`
/** Returns fields as options of the SDK. Its types have no undefined, which it leaves out. */
const options = (fields: object) => fields as never
/** Returns the fields of a message. The SDK leaves it to its user to name the kind of a schedule. */
const scheduled = (message: Pick<Input, 'sendAt'>) =>
  message.sendAt === undefined ? message : { ...message, scheduleType: 'fixed' }

/** Sends the same request with the SDK. The defaults are those of the tools. */
const calls: SdkCalls<Twilio, Input> = {
  send_sms: ({ messages }, input) => messages.create(options(scheduled(input))),
  send_whatsapp: ({ messages }, { to, from, contentVariables, ...input }) =>
    messages.create(
      options({
        ...scheduled(input),
        to: whatsapp(to),
        from: whatsapp(from),
        contentVariables: contentVariables && JSON.stringify(contentVariables),
      }),
    ),
  list_messages: ({ messages }, input) => messages.page(options(input)),
  get_message: ({ messages }, { sid }) => messages(sid).fetch(),
  cancel_message: ({ messages }, { sid }) => messages(sid).update({ status: 'canceled' }),
  redact_message: ({ messages }, { sid }) => messages(sid).update({ body: '' }),
  delete_message: ({ messages }, { sid }) => messages(sid).remove(),
  list_media: ({ messages }, { sid, pageSize }) => messages(sid).media.page({ pageSize }),
  make_call: (client, input) => client.calls.create(options({ timeout: 60, ...input })),
  get_call: (client, { sid }) => client.calls(sid).fetch(),
  list_calls: (client, input) => client.calls.page(options(input)),
  end_call: (client, { sid, status = 'completed' }) => client.calls(sid).update({ status }),
  list_phone_numbers: ({ incomingPhoneNumbers }, input) => incomingPhoneNumbers.page(options(input)),
  get_account: ({ api }) => api.v2010.accounts(accountSid).fetch(),
}

/** Returns the settings of a fixture as options of the SDK, which has no defaults. */
function defaultsOf({ whatsappFrom, ...settings }: { readonly whatsappFrom?: string } = {}) {
  return { ...settings, ...(whatsappFrom !== undefined && { from: whatsappFrom }) }
}

const cases = succeedingCases(import.meta.dirname)

describe("beside Twilio's own SDK", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(twilio.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { tool, input, settings } = fixture
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => twilio({ accountSid, authToken, baseUrl: `${url}/2010-04-01/`, ...settings }),
      sdk: ({ url }) => calls[tool]?.(vendor(url), { ...defaultsOf(settings), ...camelCase(input) } as Input),
    })
    expect(ours).toEqual(theirs)
  })
})
