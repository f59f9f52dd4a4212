import { ConnectorError } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

export const LOGIN_HOST = 'login.salesforce.com'

/** Hosts that users of every org share. None of them serves the data of an org. */
const SHARED_HOSTS: readonly string[] = [LOGIN_HOST, 'test.salesforce.com']

// Salesforce runs every host of salesforce.com. It does not control what sites on force.com or my.site.com return.
const HOST = '(?:[a-z0-9-]{1,63}\\.){1,8}salesforce\\.com'

export const Settings = z.object({
  /** The host for signing in: `login.salesforce.com`, `test.salesforce.com` for sandboxes, or a My Domain. */
  loginHost: z
    .string()
    .regex(new RegExp(`^${HOST}$`), 'A host of Salesforce, such as test.salesforce.com or acme.my.salesforce.com.')
    .default(LOGIN_HOST),
  /** The URL of the org. Signing in finds it. */
  instanceUrl: z
    .string()
    .regex(new RegExp(`^https://${HOST}$`), 'The URL of the org, such as https://acme.my.salesforce.com.')
    .optional(),
  /** The version of the API. Salesforce supports each one for at least three years. */
  version: z
    .string()
    .regex(/^[1-9]\d{1,2}\.0$/, 'A version looks like 67.0.')
    .default('67.0'),
})
export type Settings = z.output<typeof Settings>
export type Context = ToolContext<Settings>

/**
 * Returns the base URL of the data API.
 * @throws ConnectorError CONFIGURATION_ERROR if the org is unknown
 */
export function baseUrl({ settings: { loginHost, instanceUrl, version } }: Context): string {
  const myDomain = SHARED_HOSTS.includes(loginHost) ? undefined : `https://${loginHost}`
  const url = instanceUrl ?? myDomain
  if (url !== undefined) return `${url}/services/data/v${version}/`
  throw new ConnectorError('CONFIGURATION_ERROR', 'The Salesforce org of this credential is unknown.', {
    hint: 'Pass instanceUrl with the token, or the My Domain of the org as loginHost.',
    outcome: 'not_processed',
  })
}
