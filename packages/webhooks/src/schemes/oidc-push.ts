import { ConnectorError } from '@mcpclient/core/define'
import type { Verifier } from '@mcpclient/core/define'
import { refused } from '../verification/verdict.ts'
import { keySource } from './signing-keys.ts'
import type { FetchKeys } from './signing-keys.ts'

export interface OidcPushOptions {
  /** Every spelling of the issuer that its tokens use. */
  readonly issuers: readonly string[]
  /** The https URL of the issuer's JWKS. */
  readonly jwksUrl: string
  /** The audience of the tokens. @default the public URL of the delivery, with or without its query */
  readonly audience?: string | undefined
  /** Seconds that the clocks may differ. @default 60 */
  readonly clockToleranceS?: number | undefined
  /** Fetches the JWKS. @default the global `fetch` */
  readonly fetch?: FetchKeys | undefined
}

/** A token of Google has about 1,200 characters. */
const MAX_JWT_LENGTH = 8192

/**
 * Verifies the OpenID Connect token of a push in `Authorization: Bearer`. Secrets are the e-mail addresses of the service
 * accounts that may push; the token proves who sent a delivery, and nothing about the body.
 *
 * Signing keys are fetched when the first push arrives, and cached for an hour.
 * @throws ConnectorError CONFIGURATION_ERROR without an issuer, or if the JWKS is not on https
 */
export function oidcPush(options: OidcPushOptions): Verifier {
  const { issuers, jwksUrl, audience, clockToleranceS = 60 } = options
  if (issuers.length === 0 || issuers.some((issuer) => issuer.trim() === '')) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'oidcPush() needs at least one issuer.', {
      hint: "Pass { issuers: ['https://accounts.google.com'], ... }.",
    })
  }
  const keys = keySource(jwksUrl, options.fetch)
  return {
    async verify(delivery, secrets) {
      const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(bounded(delivery.header('authorization'))) ?? []
      if (token === undefined) {
        return refused(delivery.header('authorization') === undefined ? 'token_missing' : 'token_malformed')
      }
      const { verifyPushToken } = await import('./push-token.ts')
      return verifyPushToken(token, keys, {
        issuers,
        audiences: audience === undefined ? [delivery.url, withoutQuery(delivery.url)] : [audience],
        emails: secrets,
        clockToleranceS,
        now: delivery.now,
      })
    },
    secretFault: (secret) => (secret.includes('@') ? undefined : 'must be the e-mail address of a service account'),
  }
}

/** Verifies Google Cloud Pub/Sub's authenticated pushes, such as Gmail's notifications. */
export const googlePush = (options: Pick<OidcPushOptions, 'audience' | 'clockToleranceS' | 'fetch'> = {}): Verifier =>
  oidcPush({
    issuers: ['https://accounts.google.com', 'accounts.google.com'],
    jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    ...options,
  })

const bounded = (header = ''): string => (header.length > MAX_JWT_LENGTH ? '' : header)

const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url
