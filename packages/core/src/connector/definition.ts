import type { CredentialOf } from '../auth/credential-fields.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Connector, ConnectorTypes } from './connector.ts'
import type { ErrorTable, Failure } from './error-table.ts'
import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import type { CheckDefinition, Profile } from './profile.ts'
import type { Reply } from './reply.ts'
import type { Effect } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { AnySync, TypesOfSyncs } from './sync.ts'
import type { AnyTool } from './tool.ts'
import type { Ignored, Notice, Webhook } from './webhook.ts'

/** A service, described as data. */
export interface Definition<
  Auth extends AuthStrategy,
  Settings extends Schema,
  Tools,
  Events,
  Syncs = {},
  Hook = undefined,
> {
  /** kebab-case, such as `google-calendar`: the type by which a configuration names the connector. */
  readonly id: string
  /** As the provider writes it. */
  readonly name: string
  readonly description?: string | undefined
  /** Where the service's API is documented. */
  readonly docs?: string | undefined
  /** Where the service is, with a trailing slash; or where it is for these settings. */
  readonly baseUrl: string | ((context: { readonly settings: Output<Settings> }) => string)
  /** Hosts besides the base URL's that requests and pagination links may go to; `*.example.com` for subdomains. */
  readonly hosts?: readonly string[] | undefined
  /** Sent with every request, such as the API version. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Content type of JSON bodies. @default 'application/json' */
  readonly jsonType?: string | undefined
  /** How requests are signed, and where a credential comes from. */
  readonly auth: Auth
  /** The request that proves a credential and names the account, as cheap as the provider has one. */
  readonly check?: CheckDefinition<Output<Settings>> | undefined
  /** What a host may set: at composition, for all connections, or with `connect(credential, { settings })` for one. */
  readonly settings?: Settings | undefined
  /** The tools by their wire names, such as `send_message`. */
  readonly tools: Tools
  /** Collections that can be kept equal to a table of the host, by name in snake_case: see `sync`. */
  readonly syncs?: Syncs | undefined
  /** The verifier and reader of the provider's deliveries: see `webhook`. */
  readonly webhook?: Hook | undefined
  /** What the provider's refusals mean, if the HTTP status does not say it: a table, or a pure function. */
  readonly errors?: ErrorTable | ((reply: Reply) => Failure | undefined) | undefined
  /** The limits that all requests fall under. A limit of one tool stands on the tool. */
  readonly limits?: readonly Limit[] | undefined
  /** How this provider writes times in its rate limit headers, if detection would go wrong. */
  readonly limitHeaders?: LimitDialect | undefined
  /** Milliseconds that one request may take. @default 30_000 */
  readonly timeoutMs?: number | undefined
  /** Events that the connector's client emits, by name, with the schema of their data. */
  readonly events?: Events | undefined
}

/**
 * What a host passes to a connector's factory. Settings that are missing have to come with each connection, except where
 * the app itself holds the credential.
 */
export type OptionsOf<Auth extends AuthStrategy, Settings, Hook = undefined> = Partial<CredentialOf<Auth['fields']>> &
  AppOf<Auth> &
  (Hook extends Webhook ? SigningOptions : unknown) &
  (Settings extends Schema ? Partial<Input<Settings>> : unknown) & {
    /** Reaches the service elsewhere: a proxy, a regional host, an emulator. */
    readonly baseUrl?: string
  }

interface SigningOptions {
  /** The secret that the provider signs deliveries with. A list while one replaces another. */
  readonly signingSecret?: string | readonly string[]
}

/** The names of syncs and events that a webhook may return. */
export type ReadingFor<Syncs, Events> = NoticeFor<Syncs, Events> | readonly NoticeFor<Syncs, Events>[] | Ignored
type NoticeFor<Syncs, Events> = Notice & {
  readonly sync?: (keyof Syncs & string) | undefined
  readonly event?: (keyof Events & string) | undefined
}

/** What the host says of the app that it registered; nothing where the strategy knows no such thing. */
type AppOf<Auth> = Auth extends { readonly app?: infer App } ? Partial<Exclude<App, undefined>> : {}

type Shape<T> = Extract<T, Pages> extends never ? false : true
/** The pages of a tool in one result. A list has no place for `complete`, so it gets a name. */
type Gathered<Page> = Page extends readonly unknown[]
  ? { readonly items: Page; readonly complete: boolean }
  : Page & { readonly complete: boolean }
type TypesOfTools<Tools> = {
  readonly [K in keyof Tools]: Tools[K] extends {
    readonly input: infer In extends Schema
    readonly output: infer Out extends Schema
    readonly effect: infer E extends Effect
  }
    ? Tools[K] extends { readonly pages?: infer P; readonly stream?: infer S }
      ? Shape<P> extends true
        ? {
            readonly input: Input<In>
            readonly output: Gathered<Output<Out>>
            readonly part: Output<Out>
            readonly effect: E
            readonly shape: 'pages'
          }
        : Extract<S, StreamReading> extends never
          ? {
              readonly input: Input<In>
              readonly output: Output<Out>
              readonly part: never
              readonly effect: E
              readonly shape: 'one'
            }
          : {
              readonly input: Input<In>
              readonly output: Output<Out>[]
              readonly part: Output<Out>
              readonly effect: E
              readonly shape: 'stream'
            }
      : never
    : never
}
type TypesOfEvents<Events> = { readonly [K in keyof Events]: Events[K] extends Schema ? Output<Events[K]> : never }

export interface TypesOf<Auth extends AuthStrategy, Settings, Tools, Events, Syncs = {}> {
  readonly settings: Settings extends Schema ? Output<Settings> & object : {}
  readonly credential: CredentialOf<Auth['fields']>
  readonly tools: TypesOfTools<Tools>
  readonly syncs: TypesOfSyncs<Syncs>
  readonly events: TypesOfEvents<Events>
}

/** Makes connectors of one type: call it with the host's options. */
export interface ConnectorFactory<Options, Types extends ConnectorTypes> {
  (options?: Options): Connector<Types>
  /** The id of the definition, by which a configuration names it. */
  readonly type: string
  readonly profile: Profile
  readonly tools: Readonly<Record<string, AnyTool>>
  readonly syncs?: Readonly<Record<string, AnySync>> | undefined
}

/** The types of the connectors that a factory makes: `interface TasksTypes extends TypesOfFactory<typeof definition> {}`. */
export type TypesOfFactory<Factory> = Factory extends ConnectorFactory<infer _Options, infer Types> ? Types : never

/** The same factory with named types. Editors and compilers print the name, and not every schema behind it. */
export type NamedFactory<Factory, Types extends ConnectorTypes> =
  Factory extends ConnectorFactory<infer Options, infer _Types> ? ConnectorFactory<Options, Types> : never
