import type { SeedConfig, ServiceName } from 'emulate'
import type { AuthStrategy, ErrorTable, OAuthApp, RequestSpec, TokenFields } from '@mcpclient/core/define'

/** A vendor as documented, and the differences of the emulator. */
export interface Vendor {
  readonly service: ServiceName
  readonly seed: SeedConfig
  /** The origin that the emulator uses, so that its id_tokens have the vendor's issuer. */
  readonly origin: string
  readonly auth: AuthStrategy<TokenFields, OAuthApp>
  readonly baseUrl: string
  /** The errors that the vendor does not report by status. */
  readonly errors?: ErrorTable | undefined
  /** The request of the test's tool, and the expected response. */
  readonly request: RequestSpec
  readonly response: object
  /** The expected parameters of the authorization URL besides those of OAuth. */
  readonly authorizationParams: Readonly<Record<string, string>>
  /** Whether a code requires the verifier of its PKCE challenge. */
  readonly pkce: boolean
  /** The name of the user in the emulator's page. */
  readonly userName: string
  /** The URLs that the proxy checks. */
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly revocationUrl?: string | undefined
  /** Returns the emulator's path for a URL of the vendor. */
  readonly pathAt?: ((url: URL) => string) | undefined
  /** The vendor's response to an invalid token. */
  readonly unauthorized: { readonly status: number; readonly body: object }
  /** The vendor's refusals of a code and a refresh token. */
  readonly invalidGrant: { readonly status: number; readonly code: object; readonly refreshToken: object }
  /** The features that the emulator lacks, so that the proxy implements them. */
  readonly playedByProxy?: {
    /** Expiring tokens with single-use refresh tokens. */
    readonly refresh?: Rotation
    /** The revocation endpoint. */
    readonly revoke?: Revocation
  }
}

export interface Rotation {
  /** Returns the members of each token response, with new tokens. */
  tokens(): Readonly<Record<string, string | number>>
  /** Whether a refresh revokes the previous access token. */
  readonly endsTheOneBefore: boolean
  /** The response to a wrong client secret, with the status of a refused grant. */
  readonly wrongSecret: object
}

/** Handles a revocation request; `end` returns whether the token was valid. */
export type Revocation = (
  sent: { readonly authorization: string; readonly body: string },
  end: (accessToken: string) => boolean,
) => Response
