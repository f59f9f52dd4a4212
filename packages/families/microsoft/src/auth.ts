import { clientCredentials, oidc } from '@mcpclient/core/define'
import type { AuthStrategy, ClientSecretFields, EndpointUrl, OAuthApp, TokenFields } from '@mcpclient/core/define'
import * as z from 'zod'
import { graphErrors } from './errors.ts'

const LOGIN = 'https://login.microsoftonline.com'
/** The sign-in hosts of the clouds. An app in a national cloud overrides `endpoints` and `baseUrl`. */
const CLOUDS = [LOGIN, 'https://login.microsoftonline.us', 'https://login.partner.microsoftonline.cn']

const SHARED: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers'])
const TENANT = /^[a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9])?$/i

/** The setting `tenant`, for connectors whose hosts choose who can sign in. */
export const microsoftSettings = z.object({
  tenant: z
    .string()
    .regex(TENANT, 'It is common, organizations, consumers, a tenant id or a domain.')
    .optional()
    .describe('Accounts that can sign in: common, organizations, consumers, a tenant id or a domain.'),
})

/** The setting `tenant` of an app without a user, which is required. */
export const microsoftAppSettings = z.object({
  tenant: z
    .string()
    .regex(TENANT, 'It is a tenant id or a domain.')
    .refine((tenant) => !SHARED.has(tenant.toLowerCase()), 'It is the id or a domain of one tenant.')
    .describe('Tenant whose data the app reads: its id or a domain.'),
})

export interface MicrosoftOptions {
  /** The accounts that can sign in if the setting `tenant` is absent. @default 'common' */
  readonly tenant?: string | undefined
  /** The scopes to request. @default those of the tools and syncs, without those that another one includes */
  readonly scopes?: readonly string[] | undefined
  /** The scopes that each scope includes, beyond `*.Read` in `*.ReadWrite`. */
  readonly includes?: Readonly<Record<string, readonly string[]>> | undefined
}

/** Always requested: a refresh token, and the name of the account. */
const ALWAYS = ['profile', 'email', 'offline_access']

/**
 * Defines sign-in with a Microsoft account: of any organization, personal, or of one tenant. Each grant has a refresh token
 * and incremental consent, and its account comes from the id_token.
 *
 * All connectors that use it share one grant of a tenant if they are composed with the same `clientId`.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export const microsoft = (options: MicrosoftOptions = {}): AuthStrategy<TokenFields, OAuthApp> => {
  const { tenant = 'common', scopes } = options
  const at = endpointsOf(tenant)
  const covers = coverageOf(options)
  return oidc({
    label: 'Microsoft access token',
    family: 'microsoft',
    issuer: `${LOGIN}/{tenantid}/v2.0`,
    issuers: { metadata: `${LOGIN}/{tenantid}/v2.0`, of: issuerOf },
    authorizationUrl: at('oauth2/v2.0/authorize'),
    tokenUrl: at('oauth2/v2.0/token'),
    jwksUrl: at('discovery/v2.0/keys'),
    clientAuthentication: 'post',
    scopes: (ofTools) => [...ALWAYS, ...(scopes ?? widest(ofTools, covers))],
    covers,
    authorize: { params: { response_mode: 'query' } },
    incrementalConsent: true,
    // A used refresh token stays valid: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
    refresh: { rotation: 'rotate' },
    // There is no revocation endpoint.
    revoke: false,
    errors: graphErrors(),
  })
}

/**
 * Defines an app without a user: its application permissions, which an administrator of the tenant grants. A
 * connector with it declares `settings: microsoftAppSettings`. Paths start with `users/{id}`, because there is no `me`.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export const microsoftApp = ({
  tenant = 'organizations',
}: Pick<MicrosoftOptions, 'tenant'> = {}): AuthStrategy<ClientSecretFields> =>
  clientCredentials({
    tokenUrl: endpointsOf(tenant)('oauth2/v2.0/token'),
    clientAuthentication: 'post',
    // One scope stands for all permissions that were granted to the app.
    scopes: ['https://graph.microsoft.com/.default'],
    covers: () => true,
    errors: graphErrors(),
  })

const endpointsOf =
  (absent: string) =>
  (path: string): EndpointUrl =>
  (settings) =>
    `${LOGIN}/${tenantIn(settings, absent)}/${path}`

function tenantIn({ tenant }: Readonly<Record<string, unknown>>, absent: string): string {
  return typeof tenant === 'string' && TENANT.test(tenant) ? tenant : absent
}

/** Returns the issuer of the account's own tenant, whatever tenant the app signed in to. */
function issuerOf({ iss, tid }: Readonly<Record<string, unknown>>): string {
  const cloud = CLOUDS.find((origin) => typeof iss === 'string' && iss.startsWith(`${origin}/`)) ?? LOGIN
  return `${cloud}/${typeof tid === 'string' ? tid : '{tenantid}'}/v2.0`
}

type Covers = (granted: string, wanted: string) => boolean

function coverageOf({ includes = {} }: MicrosoftOptions): Covers {
  const wider = new Map(
    Object.entries(includes).map(([scope, others]) => [nameOf(scope), others.map((other) => nameOf(other))]),
  )
  return (granted, wanted) => {
    const [has, needs] = [nameOf(granted), nameOf(wanted)]
    return (
      has === needs || has === needs.replace(/\.read(?=\.|$)/, '.readwrite') || wider.get(has)?.includes(needs) === true
    )
  }
}

/** Returns a scope as it is compared: a response may spell it with the address of Graph, and in another case. */
const nameOf = (scope: string): string => scope.toLowerCase().replace(/^https:\/\/graph\.microsoft\.[^/]+\//, '')

const widest = (ofTools: readonly string[], covers: Covers): readonly string[] =>
  ofTools.filter((scope) => !ofTools.some((other) => nameOf(other) !== nameOf(scope) && covers(other, scope)))
