import type { RequestSpec } from './request.ts'
import type { Schema } from './schema.ts'
import type { ToolContext } from './tool.ts'

/** The active secrets of one endpoint: at least one, several while one replaces another. */
export type Secrets = readonly [string, ...string[]]

/** A request before it is verified. A verifier sees its bytes and headers, and nothing that was parsed. */
export interface UnverifiedDelivery {
  /** In upper case, such as `POST`. */
  readonly method: string
  /** The public URL: the composed address and the query that arrived. Host and X-Forwarded headers play no part in it. */
  readonly url: string
  /** The body as it arrived. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The time of arrival, in milliseconds since 1970. */
  readonly now: number
  /** Returns a header by its name in any case. A header that was sent twice is one value, joined with `, `. */
  readonly header: (name: string) => string | undefined
}

/** The reason why a delivery was refused: for the log of the host, never for the sender. */
export type RefusalReason =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'timestamp_missing'
  | 'timestamp_malformed'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'id_missing'
  | 'id_malformed'
  | 'token_missing'
  | 'token_malformed'
  | 'token_mismatch'
  | 'token_expired'
  | 'body_malformed'
  | 'body_mismatch'
  | 'keys_unavailable'
  | 'secret_missing'
  | 'secret_unusable'
  | 'address_unknown'

export type Verdict =
  | {
      readonly verified: true
      /** The channels whose tokens the delivery carries. Absent if the scheme has one secret for all channels. */
      readonly channels?: readonly string[] | undefined
    }
  | { readonly verified: false; readonly reason: RefusalReason }

/** A signature scheme of a provider, as a value: see `@mcpclient/webhooks/schemes`. */
export interface Verifier {
  /** Verifies a delivery over its raw bytes. Resolves for anything that a sender can send, and never rejects. */
  readonly verify: (delivery: UnverifiedDelivery, secrets: Secrets) => Promise<Verdict>
  /** Returns why a string cannot be a secret of this scheme, as the rest of a sentence; undefined if it can. */
  readonly secretFault?: ((secret: string) => string | undefined) | undefined
  /** Makes the token of a channel, which the provider sends back. Absent if the provider signs. */
  readonly issueToken?: ((channel: string, secrets: Secrets) => Promise<string>) | undefined
  /**
   * Returns the channel whose own secret signs a delivery, which `created` read. Absent if the secrets of the endpoint do. The
   * result proves nothing: the delivery is verified with the secret of that channel alone.
   */
  readonly channelOf?: ((delivery: UnverifiedDelivery) => string | undefined) | undefined
  /**
   * The bytes that the provider signs if it compresses the body: those that arrive, or those before compression.
   * @default 'received'
   */
  readonly signedBytes?: 'received' | 'decompressed' | undefined
}

/** A delivery that is verified. */
export interface Delivery {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The channels that the verifier proved. Empty if the scheme has one secret for all channels. */
  readonly channels: readonly string[]
  /**
   * Returns a header by its name in any case.
   * @param absent what to return if the header is absent
   * @throws ConnectorError INVALID_INPUT if the header is absent and `absent` is not given
   */
  readonly header: (name: string, absent?: string) => string
  /**
   * Parses the body as UTF-8 JSON that matches the schema.
   * @throws ConnectorError INVALID_INPUT if it is not UTF-8, not JSON, or does not match the schema
   */
  readonly json: <Value>(schema: Schema<Value>) => Value
  /**
   * Parses the body as `application/x-www-form-urlencoded`. A field that is repeated is a list.
   * @throws ConnectorError INVALID_INPUT if it is not UTF-8 or does not match the schema
   */
  readonly form: <Value>(schema: Schema<Value>) => Value
}

/** The content of a delivery: a recipient, and a sync to wake, an event to emit, or both. */
export interface Notice {
  /** The provider's id of this notice, the same in every retry. @default a digest of the body */
  readonly id?: string | undefined
  /**
   * The recipient: the channel that a subscription opened, the provider's own id of the subscription (its `handle`), or the
   * provider's id of the account.
   */
  readonly to: { readonly channel: string } | { readonly handle: string } | { readonly account: string }
  /** The sync that has something to pull. */
  readonly sync?: string | undefined
  /** The event to emit, with its data. */
  readonly event?: string | undefined
  readonly data?: unknown
  /**
   * The state of the subscription itself: `due` renews it now, and `ended` makes it again.
   * @default it stays as it is
   */
  readonly subscription?: 'due' | 'ended' | undefined
}

/** The result of `read`: a notice, several, or the reason why there is none. */
export type Reading = Notice | readonly Notice[] | Ignored

export interface Ignored {
  /** The reason, for the log of the host. */
  readonly ignore: string
}

/** A subscription that is being made or renewed. */
export interface SubscriptionChannel<Params = unknown> {
  /** The channel's id, a UUID. */
  readonly id: string
  /** The token of this channel alone, which the provider sends back. Empty if the provider signs. */
  readonly token: string
  /** The URL to which the provider sends deliveries. */
  readonly address: string
  /** The end to ask for, in milliseconds since 1970: now and `lifeMs`. */
  readonly expiresAt: number
  readonly params: Params
}

/** The provider's response to a new or renewed subscription. */
export interface SubscriptionHandle {
  /** The provider's own id of the subscription. */
  readonly handle?: string | undefined
  /** The end that the provider chose, in milliseconds since 1970. @default now and `lifeMs` */
  readonly expiresAt?: number | undefined
  /** The secret with which the provider signs the deliveries of this subscription. It is stored encrypted. */
  readonly secret?: string | undefined
}

/** The requests that create, renew and end a subscription. */
export interface Subscription<Params = never, Settings = never> {
  /** Milliseconds to ask for: the longest life that the provider allows. Absent: subscriptions do not end. */
  readonly lifeMs?: number | undefined
  /** Milliseconds after which a subscription is renewed. @default three quarters of its life */
  readonly renewAfterMs?: number | undefined
  /**
   * Whether an account has at most one subscription: a new one replaces the old one, and `stop` ends whatever there is. It is
   * then sent for the last subscription of a connection only.
   * @default false
   */
  readonly perAccount?: boolean | undefined
  readonly create: (channel: SubscriptionChannel<Params>, context: ToolContext<Settings>) => RequestSpec
  /** Reads the response to `create` and `renew`. */
  readonly created: Schema<SubscriptionHandle>
  /** Returns a handle that is unique at the provider, if its ids are unique on one site only. Pure. @default the id itself */
  readonly handleOf?: ((id: string, context: ToolContext<Settings>) => string) | undefined
  /** Extends a subscription in place. Absent: a new channel replaces the old one, before that ends. */
  readonly renew?:
    | ((
        channel: SubscriptionChannel<Params> & { readonly handle: string },
        context: ToolContext<Settings>,
      ) => RequestSpec)
    | undefined
  readonly stop?: ((channel: { readonly id: string; readonly handle: string }) => RequestSpec) | undefined
}

/** The response to a handshake: plain text or JSON of at most 4,096 characters, or headers. */
export interface HandshakeResponse {
  readonly text?: string | undefined
  /** A JSON value instead of a text. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A request with which a provider checks the address. */
export interface Handshake {
  /**
   * The proof that the provider sent the request: the `signature` of any delivery; a `secret` in it, which `respond`
   * compares; or, if it proves nothing, that a `subscription` of the connector is being made.
   */
  readonly proof: 'signature' | 'secret' | 'subscription'
  /** Returns the response. Undefined: the request is no handshake, or proves nothing. */
  readonly respond: (
    request: UnverifiedDelivery,
    secrets: Secrets,
  ) => HandshakeResponse | undefined | Promise<HandshakeResponse | undefined>
}

/** A description of a provider's deliveries as data: verification, reading and subscription. */
export interface Webhook<Read extends Reading = Reading, Params = never, Settings = never> {
  readonly verify: Verifier
  /** Reads a verified delivery. Pure: no I/O, no clock. */
  readonly read: (delivery: Delivery) => Read
  /** Absent: the host registers its address with the provider by hand. */
  readonly subscribe?: Subscription<Params, Settings> | undefined
  /** The request with which the provider checks the address. Absent: there is none. */
  readonly handshake?: Handshake | undefined
  /**
   * The field of the credential with which the provider signs, for tenants with accounts of their own: each connection then
   * has an address, and a delivery to it is verified with this field of that connection alone. An app's own credential is
   * the default of `signingSecret`. Absent: the secrets of the composition verify all deliveries.
   */
  readonly connectionSecret?: string | undefined
  /**
   * The status of the response, without a body, to a delivery that is accepted or ignored. 204 is for providers that read a 200
   * as a response with content.
   * @default 200
   */
  readonly acceptedStatus?: 200 | 204 | undefined
  /** Milliseconds within which the provider wants its response. @default 3000 */
  readonly respondWithinMs?: number | undefined
  /** Milliseconds for which the provider repeats a delivery that failed. Its id is kept longer. @default 86_400_000 */
  readonly retriesForMs?: number | undefined
}

/** Describes the webhook of a service. The names of syncs and events that `read` returns are part of its type. */
export const webhook = <const Read extends Reading, Params = never, Settings = unknown>(
  definition: Webhook<Read, Params, Settings>,
): Webhook<Read, Params, Settings> => definition
