import type { SeedConfig, ServiceName } from 'emulate'
import type { AuthStrategy, ErrorTable, OAuthApp, RequestSpec, TokenFields } from '@mcpclient/core/define'

/** A vendor as its own documentation has it, and where the emulator differs from that. */
export interface Vendor {
  readonly service: ServiceName
  readonly seed: SeedConfig
  /** What the emulator takes itself for, so that its id_tokens name the vendor's issuer. */
  readonly origin: string
  readonly auth: AuthStrategy<TokenFields, OAuthApp>
  readonly baseUrl: string
  /** How the vendor says no, where the status does not. */
  readonly errors?: ErrorTable | undefined
  /** What the tool of the test asks for, and what it is told. */
  readonly request: RequestSpec
  readonly answer: object
  /** What the page at which a person agrees has to be asked for besides what OAuth asks everywhere. */
  readonly asks: Readonly<Record<string, string>>
  /** A code counts only with the verifier of the challenge that it was asked with. */
  readonly pkce: boolean
  /** What the emulator calls the person in its page. */
  readonly person: string
  /** Addresses that the proxy keeps watch over. */
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly revocationUrl?: string | undefined
  /** The address of the vendor as the emulator has it. */
  readonly pathAt?: ((url: URL) => string) | undefined
  /** What the vendor says to a token that is none. */
  readonly unauthorized: { readonly status: number; readonly body: object }
  /** How the vendor refuses a code and a refresh token. */
  readonly invalidGrant: { readonly status: number; readonly code: object; readonly refreshToken: object }
  /** What the emulator lacks, so that the proxy plays it. */
  readonly playedByProxy?: {
    /** Tokens that expire, and refresh tokens that can be spent once. */
    readonly refresh?: Rotation
    /** The address at which an access token is ended. */
    readonly revoke?: Revocation
  }
}

export interface Rotation {
  /** Members of each answer of the token endpoint, with tokens that nobody had before. */
  tokens(): Readonly<Record<string, string | number>>
  /** Whether the access token before goes with the refresh token that was spent. */
  readonly endsTheOneBefore: boolean
  /** What an app that is not itself is told, with the status of a refused grant. */
  readonly wrongSecret: object
}

/** Answers a request to end a token; `end` says whether there was such a one. */
export type Revocation = (
  sent: { readonly authorization: string; readonly body: string },
  end: (accessToken: string) => boolean,
) => Response
