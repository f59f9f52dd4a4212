import { credentialFromOptions } from '../auth/credential-from-options.ts'
import { settingsFrom } from '../auth/credential-fields.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import { hideSecrets } from './connector.ts'
import type { Connector } from './connector.ts'
import type { ConnectorFactory, Definition, OptionsOf, ReadingFor, TypesOf } from './definition.ts'
import { failureOf } from './error-table.ts'
import { checkedOptions, signingSecretsOf } from './factory-options.ts'
import { declaredLimits } from './limit.ts'
import { checkOf } from './profile.ts'
import type { Profile } from './profile.ts'
import { fieldsOf, hasList } from './schema-shape.ts'
import { tryParseStrict } from './schema.ts'
import type { Output, Schema } from './schema.ts'
import type { AnySync } from './sync.ts'
import type { Webhook } from './webhook.ts'
import type { AnyTool, CheckedUndo, ToolFor } from './tool.ts'

/**
 * Defines a connector from a description of its service. Returns a factory that a host calls with its options.
 * @throws ConnectorError CONFIGURATION_ERROR if the definition is invalid or contradicts itself
 */
export function defineConnector<
  Auth extends AuthStrategy,
  const Tools extends Readonly<Record<string, ToolFor<Output<Settings>>>>,
  Settings extends Schema = Schema<{}, {}>,
  const Events extends Readonly<Record<string, Schema>> = {},
  const Syncs extends Readonly<Record<string, AnySync>> = {},
  Hook extends Webhook<ReadingFor<NoInfer<Syncs>, NoInfer<Events>>, never, Output<NoInfer<Settings>>> | undefined =
    undefined,
>(
  definition: Definition<Auth, Settings, Tools & CheckedUndo<NoInfer<Tools>>, Events, Syncs, Hook>,
): ConnectorFactory<OptionsOf<Auth, Settings, Hook>, TypesOf<Auth, Settings, Tools, Events, Syncs>> {
  type Types = TypesOf<Auth, Settings, Tools, Events, Syncs>
  const {
    baseUrl,
    settings: schema,
    tools: _tools,
    events: _events,
    syncs,
    webhook,
    errors,
    limits,
    check,
    ...described
  } = definition
  // Types are erased from here on. The schemas validate every value before it is used.
  const tools = definition.tools as unknown as Readonly<Record<string, AnyTool>>
  const profile: Profile = {
    ...(described as unknown as Profile),
    auth:
      definition.auth.forTools?.(scopesOf([...Object.values(tools), ...Object.values(syncs ?? {})])) ?? definition.auth,
    check: check && checkOf(check),
    limits: declaredLimits(limits, tools),
    failure: typeof errors === 'object' ? (reply) => failureOf(errors, reply) : errors,
  }
  refuseContradictions(profile, tools, syncs ?? {})
  refuseShape(profile, baseUrl, schema, webhook)

  const refuseSettings = (issues: readonly Issue[]): never => {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The settings of ${profile.id} are invalid: ${describeIssues(issues)}`,
      { issues },
    )
  }

  const parseSettings = (settings: object): object => {
    // Without a schema there are no settings, so every name is unknown.
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

  /** Validates the composition's settings. With `allowMissing`, a connection can provide the fields that are missing. */
  const composeSettings = (given: object, allowMissing: boolean): { settings: object; missing: readonly string[] } => {
    if (!allowMissing || schema === undefined) return { settings: parseSettings(given), missing: [] }
    const parsed = tryParseStrict(schema, given)
    if (parsed.issues === undefined) return { settings: parsed.data as object, missing: [] }
    const { issues } = parsed
    const names = fieldsOf(schema)
    const missing = names.filter((name) => !Object.hasOwn(given, name) && issues.some(({ path }) => path === name))
    const wrong = issues.filter(({ path }) => !missing.includes(path))
    return wrong.length === 0 ? { settings: given, missing } : refuseSettings(wrong)
  }

  const { flow, holders } = profile.auth
  const names = optionNames(profile, webhook)
  const settingNames = schema === undefined ? [] : fieldsOf(schema)
  // A schema that is not an object does not reveal its names.
  const known =
    schema !== undefined && settingNames.length === 0
      ? undefined
      : [...(baseUrl === null ? [] : ['baseUrl']), ...names, ...settingNames]
  const compose = (options: unknown) => {
    const { baseUrl: elsewhere, ...rest } = checkedOptions(profile.id, options, known)
    // For connections, the secret may be a field of the credential. That of the composition is an option of its own.
    const appCredential = credentialFromOptions(webhook ? { ...rest, signingSecret: undefined } : rest, profile)
    const given = {
      ...(appCredential && settingsFrom(profile.auth.settings, appCredential)),
      ...Object.fromEntries(
        Object.entries(rest).filter(([name, value]) => !names.includes(name) && value !== undefined),
      ),
    }
    const app = flow?.app(rest)
    const { signingSecret = appCredential?.[webhook?.connectionSecret ?? ''] } = rest
    const signingSecrets = webhook && signingSecretsOf(profile.id, signingSecret)
    const { settings, missing } = composeSettings(given, appCredential === undefined && holders.includes('connection'))
    return {
      profile,
      appCredential,
      app,
      signingSecrets,
      settings,
      missingSettings: missing,
      parseSettings,
      describeSettings: async () => {
        if (schema === undefined) return []
        const { describeSettings } = await import('./describe.ts')
        const required = missing.filter((name) => profile.auth.settings?.[name] === undefined)
        return describeSettings(schema, required)
      },
      baseUrl: (known: object) => {
        if (typeof elsewhere === 'string') return elsewhere
        return typeof baseUrl === 'function' ? baseUrl({ settings: known as Output<Settings> }) : (baseUrl ?? '')
      },
    }
  }

  const make = (options: object = {}): Connector<Types> =>
    hideSecrets<Connector<Types>>({ ...compose(options), tools, syncs, webhook })
  return Object.assign(make, { type: profile.id, profile, tools, syncs })
}

const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/

/** Returns the scopes that tools and syncs need, each once. */
const scopesOf = (parts: readonly { readonly scopes?: readonly string[] | undefined }[]): readonly string[] => [
  ...new Set(parts.flatMap(({ scopes = [] }) => scopes)),
]

function refuseShape(
  profile: Profile,
  baseUrl: unknown,
  settings: Schema | undefined,
  webhook: Webhook | undefined,
): void {
  const refuse = refusing(profile)
  if (typeof baseUrl === 'string') {
    if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl))
      refuse(`the base URL "${baseUrl}" is not an absolute URL.`, 'Write it like "https://api.example.com/v1/".')
    if (/[?#]/.test(baseUrl)) refuse('the base URL has a query or a fragment.', 'Add the query to each request.')
    if (!baseUrl.endsWith('/'))
      refuse('the base URL has no trailing slash.', `Write "${baseUrl}/": paths are appended to it.`)
  }
  const reserved = ['baseUrl', ...optionNames(profile, webhook)]
  const declared = settings === undefined ? [] : fieldsOf(settings)
  const taken = declared.find((name) => reserved.includes(name))
  if (taken !== undefined)
    refuse(`the setting "${taken}" has the name of another option.`, 'Rename it: auth and baseUrl use that name.')
  const { connectionSecret } = webhook ?? {}
  if (connectionSecret !== undefined && profile.auth.fields[connectionSecret] === undefined)
    refuse(
      `webhook.connectionSecret "${connectionSecret}" is no field of the credential.`,
      'Name a field of auth, or add one with withSigningSecret().',
    )
  const unknown = Object.keys(profile.auth.settings ?? {}).find((name) => !declared.includes(name))
  if (unknown !== undefined)
    refuse(`auth returns the setting "${unknown}", which is not declared.`, 'Add it to the schema of the settings.')
}

/** Returns the names of the options that are not settings, except `baseUrl`. */
const optionNames = ({ auth: { fields, flow } }: Profile, webhook: Webhook | undefined): readonly string[] => [
  ...Object.keys(fields),
  ...Object.keys(flow?.appFields ?? {}),
  ...(webhook === undefined ? [] : ['signingSecret']),
]

const refusing =
  ({ id }: Profile) =>
  (message: string, hint: string): never => {
    throw new ConnectorError('CONFIGURATION_ERROR', `defineConnector("${id}"): ${message}`, { hint })
  }

function refuseContradictions(
  profile: Profile,
  tools: Readonly<Record<string, AnyTool>>,
  syncs: Readonly<Record<string, AnySync>>,
): void {
  const refuse = refusing(profile)
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(profile.id))
    refuse('the id is not kebab-case.', 'Write it like "google-calendar".')
  for (const [name, tool] of Object.entries(tools)) {
    if (!SNAKE_CASE.test(name)) refuse(`the tool "${name}" is not snake_case.`, 'Write it like "send_message".')
    if ([tool.request, tool.run, tool.perform].filter((given) => given !== undefined).length !== 1) {
      refuse(
        `the tool "${name}" requires one of request(), run() and perform().`,
        'Use request() for one request, *run() for more, and perform() without HTTP.',
      )
    }
    if (tool.pages && tool.stream) refuse(`the tool "${name}" has both pages and stream.`, 'Choose one.')
    if (tool.pages && !hasList(tool.output, tool.pages.items)) {
      const where = [tool.pages.items].flat().join('.')
      refuse(`the output of "${name}" has no list at pages.items "${where}".`, 'Set items to the path of a list.')
    }
  }
  for (const [name, { item, key, version, readOnly = [], sets = [] }] of Object.entries(syncs)) {
    if (!SNAKE_CASE.test(name)) refuse(`the sync "${name}" is not snake_case.`, 'Write it like "events".')
    const fields = fieldsOf(item)
    const unknown = [key, version, ...readOnly, ...sets].find((field) => field !== undefined && !fields.includes(field))
    if (unknown !== undefined)
      refuse(
        `the item of the sync "${name}" has no field "${unknown}".`,
        'Add the field to the item, or correct the name.',
      )
  }
  for (const limit of profile.limits ?? []) {
    if ((limit.requests === undefined) !== (limit.perMs === undefined)) {
      refuse('a limit has only one of requests and perMs.', 'Set both, or only concurrent.')
    }
    const { per } = limit
    if (per !== undefined && !Object.values(tools).some(({ input }) => fieldsOf(input).includes(per))) {
      refuse(`no input has the field "${per}" of a limit.`, 'Correct the name.')
    }
  }
}
