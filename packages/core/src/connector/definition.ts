import type { CredentialOf } from '../auth/credential-fields.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Connector, ConnectorTypes } from './connector.ts'
import type { ErrorTable, Failure } from './error-table.ts'
import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import type { CheckDefinition, HeadersOf, Profile } from './profile.ts'
import type { Reply } from './reply.ts'
import type { Effect } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { AnySync, TypesOfSyncs } from './sync.ts'
import type { AnyTool } from './tool.ts'
import type { Ignored, Notice, Webhook } from './webhook.ts'

/** The description of a service, as data. */
export interface Definition<
  Auth extends AuthStrategy,
  Settings extends Schema,
  Tools,
  Events,
  Syncs = {},
  Hook = undefined,
> {
  /** The id in kebab-case, such as `google-calendar`. A configuration names the connector by it. */
  readonly id: string
  /** The name, as the provider spells it. */
  readonly name: string
  readonly description?: string | undefined
  /** The URL of the API's documentation. */
  readonly docs?: string | undefined
  /**
   * The base URL with a trailing slash, or a pure function that returns it for the settings. `null` if the service does not
   * use HTTP.
   */
  readonly baseUrl: string | null | ((context: { readonly settings: Output<Settings> }) => string)
  /** Additional hosts that requests and pagination links can use. `*.example.com` stands for all subdomains. */
  readonly hosts?: readonly string[] | undefined
  /** Headers of every request, such as the API version, or a pure function that returns them for the settings. */
  readonly headers?: HeadersOf<Output<Settings>> | undefined
  /** Content type of JSON bodies. @default 'application/json' */
  readonly jsonType?: string | undefined
  /** The auth strategy: how requests are signed, and how a credential is obtained. */
  readonly auth: Auth
  /** The request that verifies a credential and returns its account. Use the cheapest one of the provider. */
  readonly check?: CheckDefinition<Output<Settings>> | undefined
  /**
   * The schema of the settings. A host passes them at composition for all connections, or with
   * `connect(credential, { settings })` for one.
   */
  readonly settings?: Settings | undefined
  /** The tools by their wire names, such as `send_message`. */
  readonly tools: Tools
  /** The syncs by their names in snake_case. Each describes a collection that a host can sync with its own table. */
  readonly syncs?: Syncs | undefined
  /** The verifier and reader of the provider's deliveries: see `webhook`. */
  readonly webhook?: Hook | undefined
  /** The meaning of the provider's errors, where the HTTP status is not enough: a table or a pure function. */
  readonly errors?: ErrorTable | ((reply: Reply) => Failure | undefined) | undefined
  /** The rate limits of all requests. Declare a limit of one tool on that tool. */
  readonly limits?: readonly Limit[] | undefined
  /** The format of times in the rate limit headers, if it cannot be detected. */
  readonly limitHeaders?: LimitDialect | undefined
  /** Time limit of one request in milliseconds. It raises the default limit of a call. @default 30_000 */
  readonly timeoutMs?: number | undefined
  /** The events that the connector's client emits: the schema of their data by name. */
  readonly events?: Events | undefined
}

/**
 * The options that a host passes to a connector's factory. Each connection has to provide the settings that are missing,
 * unless the app itself holds the credential.
 */
export type OptionsOf<Auth extends AuthStrategy, Settings, Hook = undefined> = (Hook extends Webhook
  ? Partial<Omit<CredentialOf<Auth['fields']>, keyof SigningOptions>> & SigningOptions
  : Partial<CredentialOf<Auth['fields']>>) &
  AppOf<Auth> &
  (Settings extends Schema ? Partial<Input<Settings>> : unknown) & {
    /** Replaces the base URL: a proxy, a regional host, an emulator. */
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

/** The options of the app that the host registered with the provider. Empty if the strategy has none. */
type AppOf<Auth> = Auth extends { readonly app?: infer App } ? Partial<Exclude<App, undefined>> : {}

type Shape<T> = Extract<T, Pages> extends never ? false : true
/** The result of a paged tool. A list becomes `items`, because `complete` needs an object. */
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

/** Creates connectors of one type. Call it with the host's options. */
export interface ConnectorFactory<Options, Types extends ConnectorTypes> {
  (options?: Options): Connector<Types>
  /** The id of the definition. A configuration names the connector by it. */
  readonly type: string
  readonly profile: Profile
  readonly tools: Readonly<Record<string, AnyTool>>
  readonly syncs?: Readonly<Record<string, AnySync>> | undefined
}

/** The types of the connectors that a factory makes: `interface TasksTypes extends TypesOfFactory<typeof definition> {}`. */
export type TypesOfFactory<Factory> = Factory extends ConnectorFactory<infer _Options, infer Types> ? Types : never

/** The same factory with named types. Editors and compilers print the name instead of every schema. */
export type NamedFactory<Factory, Types extends ConnectorTypes> =
  Factory extends ConnectorFactory<infer Options, infer _Types> ? ConnectorFactory<Options, Types> : never
