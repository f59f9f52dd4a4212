import { redirectUriProblem } from '../oauth/redirect-uri.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { describeIssues } from '../connector/schema.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import { shownName } from '../errors/shown-name.ts'
import { standardPipeline } from '../pipeline/pipeline.ts'
import type { Stages } from '../pipeline/pipeline.ts'
import type { RenewalTiming } from '../vault/renewal/renewal-world.ts'
import type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from '../pipeline/policies.ts'
import type { Permissions, Policy } from '../pipeline/permissions.ts'
import type { McpClientOptions } from './mcp-client.ts'

/** Returns what is wrong with a value, as the rest of a sentence about the option; undefined if nothing is. */
type Rule = (value: unknown) => string | undefined
interface Table {
  readonly [option: string]: Rule | Table
}
type Rules<Options> = Readonly<Record<keyof Options, Rule>>
type Fields = Readonly<Record<string, unknown>>

/** More mistakes than these are not collected. */
const MAX_ISSUES = 50

const must =
  (what: string, holds: (value: unknown) => boolean): Rule =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, not ${shown(value)}`

const shown = (value: unknown): string => {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const number = (what: string, holds: (value: number) => boolean): Rule =>
  must(what, (value) => typeof value === 'number' && holds(value))

const fn = must('a function', (value) => typeof value === 'function')
const flag = must('true or false', (value) => typeof value === 'boolean')
const count = number('a whole number of at least 1', (value) => Number.isSafeInteger(value) && value >= 1)
const atLeastOne = number('a number of at least 1', (value) => value >= 1)
const duration = number('milliseconds, finite and above 0', (value) => value > 0 && value < Infinity)
const wait = number('milliseconds, finite and at least 0', (value) => value >= 0 && value < Infinity)
const limit = number('milliseconds above 0', (value) => value > 0)
const oneOf = (...names: readonly unknown[]): Rule =>
  must(`one of ${names.join(', ')}`, (value) => names.includes(value))
const listOf = (what: string, holds: (item: unknown) => boolean): Rule =>
  must(`a list of ${what}`, (value) => Array.isArray(value) && value.every(holds))
const patterns = listOf('names or patterns', (item) => typeof item === 'string')

/** An implementation of a port. */
const port =
  (example: string, ...methods: readonly string[]): Rule =>
  (value) => {
    if (!isObject(value)) return `must be an object such as ${example}, not ${shown(value)}`
    if (typeof value['then'] === 'function') return 'is a promise; await it'
    const missing = methods.filter((name) => typeof value[name] !== 'function')
    return missing.length === 0 ? undefined : `has no ${missing.join(', ')}; pass an object such as ${example}`
  }

const store = port('memoryStore()', 'get', 'put', 'delete', 'list')
const policy = {
  allow: patterns,
  deny: patterns,
  effects: listOf('effects', (item) => effects.has(item)),
} satisfies Rules<Policy>
const effects: ReadonlySet<unknown> = new Set(['read', 'write', 'destroy'])

/** Every option of `createMcpClient`, so that the compiler refuses one without a rule. */
const optionRules: Readonly<Record<keyof McpClientOptions<never>, Rule | Table>> = {
  connectors: must('an object that names each connector', isPlain),
  singleTenant: flag,
  credentials: store,
  state: store,
  redirectUri: redirectUriProblem,
  allowPrivateHosts: listOf(
    'hosts, without a scheme or path',
    (item) => typeof item === 'string' && /^[^/\s]+$/.test(item),
  ),
  renewal: { leaseMs: duration, pollMs: duration, clockSkewMs: wait } satisfies Rules<RenewalTiming>,
  credentialAccess: fn,
  audit: port('memoryAuditLog()', 'record'),
  expiryWarningDays: listOf('days', (item) => typeof item === 'number' && item >= 0 && item < Infinity),
  pipeline: fn,
  logger: port('console', 'debug', 'info', 'warn', 'error'),
  clock: port('systemClock', 'now', 'monotonic', 'schedule'),
  transport: port('fetchTransport()', 'send'),
  random: fn,
  permissions: {
    policy: (value) => (isObject(value) ? undefined : fn(value)),
    approve: fn,
  } satisfies Rules<Permissions>,
  retry: { attempts: count, baseMs: wait, maxMs: wait } satisfies Rules<RetryPolicy>,
  timeouts: { callMs: limit, requestMs: limit } satisfies Rules<TimeoutPolicy>,
  limits: {
    whenLimited: oneOf('wait', 'refuse'),
    maxWaitMs: number('milliseconds of at least 0', (value) => value >= 0),
  } satisfies Rules<LimitPolicy>,
  breaker: {
    windowMs: duration,
    minimumCalls: atLeastOne,
    failureRate: number('above 0 and at most 1', (value) => value > 0 && value <= 1),
    openMs: duration,
    maxOpenMs: duration,
    probes: count,
  } satisfies Rules<BreakerPolicy>,
  maxResponseBytes: atLeastOne,
}

/**
 * Checks the options of `createMcpClient` as a whole, before anything is made of them.
 * @returns the stages of the client's pipeline
 * @throws ConnectorError CONFIGURATION_ERROR that lists every mistake
 */
export function checkOptions(options: unknown): Stages {
  let stages = standardPipeline
  refuseMistakes('createMcpClient', (issues) => {
    check(options, optionRules, '', issues)
    if (!isObject(options)) return
    const { connectors, permissions, pipeline } = options
    if (connectors === undefined) report(issues, 'connectors', 'is missing; pass an object that names each connector')
    else if (isPlain(connectors)) {
      for (const [id, connector] of Object.entries(connectors)) checkConnector(id, connector, issues)
    }
    const rules = isObject(permissions) ? permissions['policy'] : undefined
    if (isObject(rules)) check(rules, policy, 'permissions.policy.', issues)
    if (typeof pipeline === 'function') stages = stagesOf(pipeline as (standard: Stages) => unknown, issues)
  })
  return stages
}

/** @throws ConnectorError CONFIGURATION_ERROR if `connector` cannot be registered under `serverId` */
export function checkRegistration(serverId: string, connector: unknown): void {
  refuseMistakes('register', (issues) => {
    checkConnector(serverId, connector, issues)
  })
}

function refuseMistakes(method: string, collect: (issues: Issue[]) => void): void {
  const issues: Issue[] = []
  try {
    collect(issues)
  } catch (cause) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The options of ${method}() cannot be read.`,
      { hint: 'Pass plain objects, without getters that throw.' },
      { cause },
    )
  }
  if (issues.length === 0) return
  throw new ConnectorError('CONFIGURATION_ERROR', `${method}() cannot use its options: ${describeIssues(issues)}.`, {
    issues,
    hint: 'Correct every option that the issues name.',
  })
}

function check(value: unknown, table: Table, path: string, issues: Issue[]): void {
  if (!isObject(value) || Array.isArray(value)) {
    report(issues, path.slice(0, -1), `must be an object, not ${shown(value)}`)
    return
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(table, name) || issues.length >= MAX_ISSUES) continue
    const [nearest = ''] = nearestNames(name, Object.keys(table))
    report(issues, path + shownName(name), `is not an option; did you mean ${nearest}`)
  }
  for (const [name, rule] of Object.entries(table)) {
    const given = value[name]
    if (given === undefined) continue
    if (typeof rule === 'function') report(issues, path + name, rule(given))
    else check(given, rule, `${path}${name}.`, issues)
  }
}

function report(issues: Issue[], path: string, message: string | undefined): void {
  if (message !== undefined && issues.length < MAX_ISSUES) issues.push({ path, message })
}

function checkConnector(id: string, connector: unknown, issues: Issue[]): void {
  const path = `connectors.${shownName(id)}`
  if (!isId(id)) {
    report(issues, path, 'is no id: use up to 48 letters, digits, _ and -, starting with a small letter')
  }
  report(issues, path, connectorProblem(id, connector))
}

/** An id becomes part of store keys, event names and tool names, and a property of what `as()` returns. */
const isId = (id: unknown): boolean =>
  typeof id === 'string' && /^[a-z][a-zA-Z0-9_-]{0,47}$/.test(id) && !(id in Object.prototype) && !reserved.has(id)
const reserved: ReadonlySet<string> = new Set(['then', 'toJSON', 'prototype'])

function connectorProblem(id: string, connector: unknown): string | undefined {
  if (typeof connector === 'function') {
    return 'profile' in connector
      ? `is a factory; call it: ${shownName(id)}({ ... })`
      : 'is a function, not a connector'
  }
  if (!isObject(connector)) return `must be a connector, not ${shown(connector)}`
  if (typeof connector['then'] === 'function') return 'is a promise; await it'
  const missing = ['parseSettings', 'baseUrl'].filter((name) => typeof connector[name] !== 'function')
  const isOpened = 'mount' in connector ? typeof connector['mount'] === 'function' : isObject(connector['tools'])
  if (!isOpened) missing.unshift('mount' in connector ? 'mount' : 'tools')
  const { profile } = connector
  const auth = isObject(profile) ? profile['auth'] : undefined
  const isDescribed = isObject(auth) && isObject(auth['fields']) && typeof auth['sign'] === 'function'
  if (!isDescribed) missing.unshift('profile')
  return missing.length === 0 ? undefined : `is not a connector: it has no ${missing.join(', ')}`
}

function stagesOf(pipeline: (standard: Stages) => unknown, issues: Issue[]): Stages {
  const isList = (value: unknown) => Array.isArray(value) && value.every((stage) => typeof stage === 'function')
  try {
    const stages = pipeline(standardPipeline)
    if (isObject(stages) && isList(stages['call']) && isList(stages['request'])) return stages as unknown as Stages
    report(issues, 'pipeline', 'must return { call, request }, two lists of stages')
  } catch (error) {
    report(issues, 'pipeline', `threw ${error instanceof Error ? shownName(error.message) : shown(error)}`)
  }
  return standardPipeline
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Whether it is an object without inherited fields, of any realm: `{ __proto__: slack() }` and a Map are not. */
function isPlain(value: unknown): value is Fields {
  if (!isObject(value) || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
