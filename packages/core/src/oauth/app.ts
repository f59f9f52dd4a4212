import { ConnectorError } from '../errors/connector-error.ts'
import type { CredentialFields } from '../auth/credential-fields.ts'
import { redirectUriProblem } from './redirect-uri.ts'

/** The app's registration with the provider. */
export interface OAuthApp {
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string | undefined
  /** For `private_key_jwt`: PKCS#8 as PEM, or a JSON Web Key. */
  readonly privateKey?: string | Readonly<Record<string, unknown>> | undefined
  /** The id of the key at the provider. @default the `kid` of the JSON Web Key */
  readonly keyId?: string | undefined
  /** The URL that the provider redirects users to: https, or http on a loopback address. */
  readonly redirectUri?: string | undefined
  /** Replaces the connector's scopes. */
  readonly scopes?: readonly string[] | undefined
  /** Overrides the authorization server: a sovereign cloud, a self-hosted installation, an emulator. */
  readonly endpoints?: OAuthEndpoints | undefined
}

/** Absolute URLs, by their names in a definition. */
export interface OAuthEndpoints {
  readonly issuer?: string | undefined
  readonly authorizationUrl?: string | undefined
  readonly tokenUrl?: string | undefined
  readonly revocationUrl?: string | undefined
  readonly deviceUrl?: string | undefined
  readonly jwksUrl?: string | undefined
  /** The endpoint that lists the accounts of a new grant. */
  readonly accountsUrl?: string | undefined
}

/** The registration of an app that servers may register at run time. */
export interface RegisteredApp extends Partial<OAuthApp> {
  /** The https URL of the app's client metadata document, used as its id if the server supports such documents. */
  readonly clientMetadataUrl?: string | undefined
  /** The name of the app at the server. @default the connector's */
  readonly clientName?: string | undefined
}

export const appFields = {
  clientId: { label: 'Client id', secret: false },
  clientSecret: { label: 'Client secret', secret: true, optional: true },
  privateKey: { label: 'Private key', secret: true, optional: true, description: 'PKCS#8 as PEM, or a JSON Web Key.' },
  keyId: { label: 'Key id', secret: false, optional: true },
  redirectUri: { label: 'Redirect URI', secret: false, optional: true },
  scopes: { label: 'Scopes', secret: false, optional: true },
  endpoints: { label: 'Endpoints', secret: false, optional: true },
} as const satisfies CredentialFields

export const registeredAppFields = {
  ...appFields,
  clientId: { ...appFields.clientId, optional: true },
  clientMetadataUrl: { label: 'Client metadata URL', secret: false, optional: true },
  clientName: { label: 'Client name', secret: false, optional: true },
} as const satisfies CredentialFields

/**
 * Validates the options of the app. Returns undefined if there are none.
 * @param options.needsKey whether the app authenticates with a private key
 * @param options.registers whether an app without an id can be registered at run time
 * @throws ConnectorError CONFIGURATION_ERROR
 */
export function checkApp(
  given: Readonly<Record<string, unknown>>,
  options: { readonly needsKey: boolean; readonly needsSecret: boolean; readonly registers: boolean },
): Readonly<Record<string, unknown>> | undefined {
  const names = Object.keys(options.registers ? registeredAppFields : appFields)
  const app = Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])))
  if (Object.keys(app).length === 0) return options.registers ? {} : undefined
  for (const name of names) {
    if (name === 'scopes' || name === 'privateKey' || name === 'endpoints' || app[name] === undefined) continue
    if (typeof app[name] !== 'string' || app[name] === '') refuse(`${name} must be a string.`)
  }
  const { clientId, clientSecret, privateKey, scopes, redirectUri, clientMetadataUrl, endpoints } = app
  if (clientId === undefined && !options.registers) refuse('clientId is missing.')
  if (clientId !== undefined && options.needsKey && privateKey === undefined) refuse('privateKey is missing.')
  if (clientId !== undefined && options.needsSecret && clientSecret === undefined) refuse('clientSecret is missing.')
  if (privateKey !== undefined && !isKey(privateKey)) refuse('privateKey must be a PEM string or a JSON Web Key.')
  if (scopes !== undefined && !isScopes(scopes)) refuse('scopes must be an array of scopes without spaces.')
  const problem = redirectUri === undefined ? undefined : redirectUriProblem(redirectUri)
  if (problem !== undefined) refuse(`redirectUri ${problem}.`)
  if (typeof clientMetadataUrl === 'string' && !/^https:\/\/[^/?#]+\/[^?#]/.test(clientMetadataUrl)) {
    refuse('clientMetadataUrl must be an https URL with a path.')
  }
  if (endpoints !== undefined && !isEndpoints(endpoints)) refuse('endpoints must contain absolute URLs by name.')
  return app
}

const isEndpoints = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((url) => url === undefined || (typeof url === 'string' && URL.canParse(url)))

const refuse = (what: string): never => {
  throw new ConnectorError('CONFIGURATION_ERROR', `The OAuth app is not valid: ${what}`, {
    hint: "Pass the app's registration with the provider: clientId, clientSecret and so on.",
  })
}

const isKey = (value: unknown): boolean =>
  typeof value === 'string' ? value !== '' : typeof value === 'object' && value !== null && 'kty' in value

const isScopes = (value: unknown): boolean =>
  Array.isArray(value) && value.every((scope) => typeof scope === 'string' && /^[^\s"\\]+$/.test(scope))
