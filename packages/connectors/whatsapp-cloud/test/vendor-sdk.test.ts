import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { RecordingProvider, SdkCalls } from '@mcpclient/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { whatsappCloud } from '../src/index.ts'

const token = 'EAAJ.recorded'
const settings = { phoneNumberId: '106853218861309', businessAccountId: '102290129340398' }

/** The part of Meta's own client that sends. */
interface Sdk {
  readonly requester: { client: object }
  readonly messages: Readonly<Record<string, (content: object, to?: string, replyTo?: string) => Promise<unknown>>>
}
interface Input {
  readonly to: string
  readonly context?: { readonly message_id: string }
  readonly body: string
  readonly preview_url?: boolean
  readonly name: string
  readonly language: string
  readonly components: unknown
  readonly type: string
  readonly message_id: string
  readonly typing_indicator?: boolean
}

/** It has no reactions, and no calls for files and accounts. */
const calls: SdkCalls<Sdk, Input> = {
  send_text_message: async ({ messages }, { to, body, preview_url, context }) =>
    messages['text']?.({ body, preview_url }, to, context?.message_id),
  send_template_message: async ({ messages }, { to, name, language: code, components }) =>
    messages['template']?.({ name, language: { policy: 'deterministic', code }, components }, to),
  send_media_message: async ({ messages }, { to, type, ...file }) => messages[type]?.(file, to),
  mark_message_read: async ({ messages }, { message_id, typing_indicator }) =>
    messages['status']?.({
      status: 'read',
      message_id,
      // It passes on what it does not know.
      ...(typing_indicator === true && { typing_indicator: { type: 'text' } }),
    }),
}
const cases = succeedingCases<Input>(import.meta.dirname).filter(([, { tool }]) => tool in calls)

type Sent = readonly [
  host: string,
  port: number,
  path: string,
  method: string,
  headers: object,
  ms: number,
  body: string,
]
let WhatsApp: new () => Sdk

beforeAll(async () => {
  process.env['WA_PHONE_NUMBER_ID'] = settings.phoneNumberId
  process.env['CLOUD_API_VERSION'] = 'v25.0'
  process.env['CLOUD_API_ACCESS_TOKEN'] = token
  // Otherwise it loads dotenv, which is not among its dependencies.
  process.env['NODE_ENV'] = 'production'
  ;({ default: WhatsApp } = (await import('whatsapp')) as unknown as { default: new () => Sdk })
})

/** Returns Meta's client, which sends to the recording provider instead of a socket. */
function clientFor({ fetch }: RecordingProvider): Sdk {
  const sdk = new WhatsApp()
  sdk.requester.client = {
    sendRequest: (...[host, , path, method, headers, , body]: Sent) =>
      fetch(`https://${host}${path}`, { method, headers: { ...headers }, body }),
  }
  return sdk
}

describe("beside Meta's own client", () => {
  it('compares every tool that it has', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: () => whatsappCloud({ token, ...settings }),
      sdk: (provider) => calls[fixture.tool]?.(clientFor(provider), fixture.input),
      headers: ['authorization', 'content-type'],
    })
    expect(ours).toEqual(theirs)
  })
})
