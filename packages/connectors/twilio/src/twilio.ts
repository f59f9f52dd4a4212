import { basic, defineConnector, get, path, valueAt, withSigningSecret } from '@mcpclient/core/define'
import type { Account, NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { events, statusCallbacks } from './events.ts'
import { list } from './requests.ts'
import { Settings } from './shapes.ts'
import type { Context } from './shapes.ts'
import { account } from './tools/account.ts'
import { calls } from './tools/calls.ts'
import { messages } from './tools/messages.ts'

const service = {
  name: 'Twilio',
  description: 'Send and read SMS and WhatsApp messages, and make phone calls.',
  docs: 'https://www.twilio.com/docs/usage/api',
  baseUrl: 'https://api.twilio.com/2010-04-01/',
  settings: Settings,
  errors,
  tools: { ...messages, ...calls, ...account },
  events,
} as const

const definition = defineConnector({
  ...service,
  id: 'twilio',
  auth: basic({
    username: { name: 'accountSid', label: 'Account SID' },
    password: { name: 'authToken', label: 'Auth token' },
    settings: { account: ({ accountSid }) => accountSid },
  }),
  webhook: statusCallbacks,
  check: {
    request: ({ settings }: Context) => get(path`Accounts/${settings.account}.json`),
    account: { id: 'sid', name: 'friendly_name' },
  },
})

const apiKey = defineConnector({
  ...service,
  id: 'twilio-api-key',
  auth: withSigningSecret(
    basic({
      username: { name: 'apiKeySid', label: 'API key SID' },
      password: { name: 'apiKeySecret', label: 'API key secret' },
    }),
    { label: 'Auth token', description: 'The auth token of the account, with which Twilio signs webhooks.' },
  ),
  webhook: { ...statusCallbacks, connectionSecret: 'signingSecret' },
  // Only a Main key may read the account. Source: https://www.twilio.com/docs/iam/api-keys/keys-in-console
  check: {
    request: ({ settings }: Context) => list(path`Accounts/${settings.account}/Messages.json`, { page_size: 1 }),
    account: accountOfList,
  },
})

/** Returns the account that a list is of: `/2010-04-01/Accounts/AC.../Messages.json`. */
function accountOfList(body: unknown): Account | undefined {
  const [, id] = /\/Accounts\/(AC[0-9a-f]{32})\//i.exec(String(valueAt(body, 'uri'))) ?? []
  return id === undefined ? undefined : { id }
}

/** The tools, settings and credential of Twilio, under one name for editors. */
export interface TwilioTypes extends TypesOfFactory<typeof definition> {}
/** The same with the credential of an API key. */
export interface TwilioApiKeyTypes extends TypesOfFactory<typeof apiKey> {}

/**
 * Connects to Twilio with the SID and the auth token of an account.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { twilio: twilio({ accountSid, authToken, from: '+15005550006' }) } })
 * await mcp.as('ada').twilio.call('send_sms', { to: '+14155550100', body: 'The tide is out.' })
 */
export const twilio: NamedFactory<typeof definition, TwilioTypes> = definition

/**
 * Connects to Twilio with an API key, which can be revoked on its own. `account` is the account of the key.
 *
 * @example
 * twilioApiKey({ apiKeySid, apiKeySecret, account: 'AC…' })
 */
export const twilioApiKey: NamedFactory<typeof apiKey, TwilioApiKeyTypes> = apiKey
