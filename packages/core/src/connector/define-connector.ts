import { credentialFromOptions } from '../auth/credential-from-options.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { CredentialOf } from '../auth/credential-fields.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import type { Connector, ConnectorTypes } from './connector.ts'
import { failureOf } from './error-table.ts'
import type { ErrorTable, Failure } from './error-table.ts'
import { checkedOptions } from './factory-options.ts'
import type { Effect } from './request.ts'
import { declaredLimits } from './limit.ts'
import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import { checkOf } from './profile.ts'
import type { CheckDefinition, Profile } from './profile.ts'
import type { Reply } from './reply.ts'
import { tryParseStrict } from './schema.ts'
import { describeIssues } from '../errors/connector-error.ts'
import { fieldsOf, hasList } from './schema-shape.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { AnyTool, CheckedUndo, ToolFor } from './tool.ts'
import { withheld } from './withheld.ts'

/** A service, described as data. */
export interface Definition<Auth extends AuthStrategy, Settings extends Schema, Tools, Events> extends Omit<
  Profile<Output<Settings>>,
  'auth' | 'check' | 'failure' | 'limits'
> {
  /** The request that proves a credential and names the account, as cheap as the provider has one. */
  readonly check?: CheckDefinition<Output<Settings>> | undefined
  /** What the provider's refusals mean, where the HTTP status does not say it: a table, or a pure function. */
  readonly errors?: ErrorTable | ((reply: Reply) => Failure | undefined) | undefined
  /** The limits that all requests fall under. A limit of one tool stands on the tool. */
  readonly limits?: readonly Limit[] | undefined
  readonly auth: Auth
  /** Where the service is, with a trailing slash; or where it is for these settings. */
  readonly baseUrl: string | ((context: { readonly settings: Output<Settings> }) => string)
  /** What a host may set: at composition, for all connections, or with `connect(credential, { settings })` for one. */
  readonly settings?: Settings | undefined
  readonly tools: Tools
  /** What the connector's client tells its host, by name, with the schema of its data. */
  readonly events?: Events | undefined
}

/**
 * What a host passes to a connector's factory. Settings that are missing have to come with each connection, except where
 * the app itself holds the credential.
 */
export type OptionsOf<Auth extends AuthStrategy, Settings> = Partial<CredentialOf<Auth['fields']>> &
  AppOf<Auth> &
  (Settings extends Schema ? Partial<Input<Settings>> : unknown) & {
    /** Reaches the service elsewhere: a proxy, a regional host, an emulator. */
    readonly baseUrl?: string
  }

/** What the host says of the app that it registered; nothing where the strategy knows no such thing. */
type AppOf<Auth> = Auth extends { readonly app?: infer App } ? Partial<Exclude<App, undefined>> : {}

type Shape<T> = Extract<T, Pages> extends never ? false : true
/** The pages of a tool in one answer. A list has no place for `complete`, so it gets a name. */
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

export interface TypesOf<Auth extends AuthStrategy, Settings, Tools, Events> {
  readonly settings: Settings extends Schema ? Output<Settings> & object : {}
  readonly credential: CredentialOf<Auth['fields']>
  readonly tools: TypesOfTools<Tools>
  readonly syncs: {}
  readonly events: TypesOfEvents<Events>
}

/** Makes connectors of one type: call it with the host's options. */
export interface ConnectorFactory<Options, Types extends ConnectorTypes> {
  (options?: Options): Connector<Types>
  /** The id of the definition, by which a configuration names it. */
  readonly type: string
  readonly profile: Profile
  readonly tools: Readonly<Record<string, AnyTool>>
}

/** The types of the connectors that a factory makes: `interface TasksTypes extends TypesOfFactory<typeof definition> {}`. */
export type TypesOfFactory<Factory> = Factory extends ConnectorFactory<infer _Options, infer Types> ? Types : never

/** The same factory with named types. Editors and compilers print the name, and not every schema behind it. */
export type NamedFactory<Factory, Types extends ConnectorTypes> =
  Factory extends ConnectorFactory<infer Options, infer _Types> ? ConnectorFactory<Options, Types> : never

/**
 * Turns the description of a service into a factory of connectors.
 * @throws ConnectorError CONFIGURATION_ERROR if the description contradicts itself
 */
export function defineConnector<
  Auth extends AuthStrategy,
  const Tools extends Readonly<Record<string, ToolFor<Output<Settings>>>>,
  Settings extends Schema = Schema<{}, {}>,
  const Events extends Readonly<Record<string, Schema>> = {},
>(
  definition: Definition<Auth, Settings, Tools & CheckedUndo<NoInfer<Tools>>, Events>,
): ConnectorFactory<OptionsOf<Auth, Settings>, TypesOf<Auth, Settings, Tools, Events>> {
  type Types = TypesOf<Auth, Settings, Tools, Events>
  const { baseUrl, settings: schema, tools: _tools, events: _events, errors, limits, check, ...described } = definition
  // Erased: from here on only the schemas know the types, and they are asked before any of it is used.
  const tools = definition.tools as unknown as Readonly<Record<string, AnyTool>>
  const profile: Profile = {
    ...(described as unknown as Profile),
    auth: definition.auth.forTools?.(scopesOf(tools)) ?? definition.auth,
    check: check && checkOf(check),
    limits: declaredLimits(limits, tools),
    failure: typeof errors === 'object' ? (reply) => failureOf(errors, reply) : errors,
  }
  refuseContradictions(profile, tools)
  refuseShape(profile, baseUrl, schema)

  const refuseSettings = (issues: readonly Issue[]): never => {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The settings of ${profile.id} do not fit: ${describeIssues(issues)}`,
      { issues },
    )
  }

  const parseSettings = (settings: object): object => {
    // Without a schema there is no setting, so every name is unknown.
    if (schema === undefined) {
      const issues = Object.keys(settings).map((path) => ({
        path,
        message: 'unknown setting; this connector has none',
      }))
      return issues.length === 0 ? {} : refuseSettings(issues)
    }
    const parsed = tryParseStrict(schema, settings)
    return parsed.issues === undefined ? (parsed.data as object) : refuseSettings(parsed.issues)
  }

  /** The composition's settings; a connection may bring the fields that are missing. */
  const composeSettings = (given: object, mayMiss: boolean): { settings: object; missing: readonly string[] } => {
    if (!mayMiss || schema === undefined) return { settings: parseSettings(given), missing: [] }
    const parsed = tryParseStrict(schema, given)
    if (parsed.issues === undefined) return { settings: parsed.data as object, missing: [] }
    const { issues } = parsed
    const names = fieldsOf(schema)
    const missing = names.filter((name) => !Object.hasOwn(given, name) && issues.some(({ path }) => path === name))
    const wrong = issues.filter(({ path }) => !missing.includes(path))
    return wrong.length === 0 ? { settings: given, missing } : refuseSettings(wrong)
  }

  const { flow, fields, holders } = profile.auth
  const names = [...Object.keys(fields), ...Object.keys(flow?.appFields ?? {})]
  const settingNames = schema === undefined ? [] : fieldsOf(schema)
  // Of a schema that is no object only the schema itself knows the names.
  const known = schema !== undefined && settingNames.length === 0 ? undefined : ['baseUrl', ...names, ...settingNames]
  const compose = (options: unknown) => {
    const { baseUrl: elsewhere, ...rest } = checkedOptions(profile.id, options, known)
    const given = Object.fromEntries(
      Object.entries(rest).filter(([name, value]) => !names.includes(name) && value !== undefined),
    )
    const appCredential = credentialFromOptions(rest, profile)
    const app = flow?.app(rest)
    const { settings, missing } = composeSettings(given, appCredential === undefined && holders.includes('connection'))
    return {
      profile,
      appCredential,
      app,
      settings,
      missingSettings: missing,
      parseSettings,
      describeSettings: async () => {
        if (schema === undefined) return []
        const { describeSettings } = await import('./describe.ts')
        return describeSettings(schema, missing)
      },
      baseUrl: (known: object) => {
        if (typeof elsewhere === 'string') return elsewhere
        return typeof baseUrl === 'string' ? baseUrl : baseUrl({ settings: known as Output<Settings> })
      },
    }
  }

  const make = (options: object = {}): Connector<Types> => withheld<Connector<Types>>({ ...compose(options), tools })
  return Object.assign(make, { type: profile.id, profile, tools })
}

/** Returns the scopes that the tools need, each once. */
const scopesOf = (tools: Readonly<Record<string, AnyTool>>): readonly string[] => [
  ...new Set(Object.values(tools).flatMap(({ scopes = [] }) => scopes)),
]

function refuseShape(profile: Profile, baseUrl: unknown, settings: Schema | undefined): void {
  const refuse = refusing(profile)
  if (typeof baseUrl === 'string') {
    if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl))
      refuse(`the base URL "${baseUrl}" is not an absolute URL.`, 'Write it like "https://api.example.com/v1/".')
    if (/[?#]/.test(baseUrl)) refuse('the base URL has a query or a fragment.', 'Put a query into each request.')
    if (!baseUrl.endsWith('/'))
      refuse('the base URL has no trailing slash.', `Write "${baseUrl}/": paths are appended to it.`)
  }
  const { flow, fields } = profile.auth
  const reserved = ['baseUrl', ...Object.keys(fields), ...Object.keys(flow?.appFields ?? {})]
  const taken = (settings === undefined ? [] : fieldsOf(settings)).find((name) => reserved.includes(name))
  if (taken !== undefined)
    refuse(`the setting "${taken}" has the name of an option of its auth or of the base URL.`, 'Choose another name.')
}

const refusing =
  ({ id }: Profile) =>
  (message: string, hint: string): never => {
    throw new ConnectorError('CONFIGURATION_ERROR', `defineConnector("${id}"): ${message}`, { hint })
  }

function refuseContradictions(profile: Profile, tools: Readonly<Record<string, AnyTool>>): void {
  const refuse = refusing(profile)
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(profile.id))
    refuse('the id is not kebab-case.', 'Write it like "google-calendar".')
  for (const [name, tool] of Object.entries(tools)) {
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
      refuse(`the tool "${name}" is not snake_case.`, 'Write it like "send_message".')
    if ((tool.request === undefined) === (tool.run === undefined)) {
      refuse(`the tool "${name}" needs either request() or run().`, 'One request: request(). Several: *run().')
    }
    if (tool.pages && tool.stream) refuse(`the tool "${name}" has both pages and stream.`, 'Choose one.')
    if (tool.pages && !hasList(tool.output, tool.pages.items)) {
      const where = [tool.pages.items].flat().join('.')
      refuse(`the output of "${name}" has no list at pages.items "${where}".`, 'Name a list of the output schema.')
    }
  }
  for (const limit of profile.limits ?? []) {
    if ((limit.requests === undefined) !== (limit.perMs === undefined)) {
      refuse('a limit has only one of requests and perMs.', 'Give both, or only concurrent.')
    }
  }
}
