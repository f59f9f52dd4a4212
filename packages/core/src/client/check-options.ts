import type { Issue } from '../errors/connector-error.ts'
import {
  aBoolean,
  aCount,
  aFunction,
  aPort,
  aStore,
  atLeastOne,
  checkFields,
  durationMs,
  isObject,
  isPlain,
  limitMs,
  listOf,
  must,
  numberThat,
  oneOf,
  patterns,
  refuseMistakes,
  report,
  shown,
  waitMs,
} from '../errors/option-rules.ts'
import type { Rule, Rules, Table } from '../errors/option-rules.ts'
import { shownName } from '../errors/shown-name.ts'
import type { Permissions, Policy } from '../pipeline/permissions.ts'
import { standardPipeline } from '../pipeline/pipeline.ts'
import type { Stages } from '../pipeline/pipeline.ts'
import type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from '../pipeline/policies.ts'
import { callSlots, requestSlots } from '../pipeline/slots.ts'
import type { McpClientOptions } from './mcp-client.ts'

const isCapability = (item: unknown): item is Readonly<Record<string, unknown>> =>
  isObject(item) && typeof item['name'] === 'string' && typeof item['bind'] === 'function'

const slotRules = (slots: readonly string[]): Table => Object.fromEntries(slots.map((slot) => [slot, aFunction]))
const stageRules = { callStages: slotRules(callSlots), requestStages: slotRules(requestSlots) }

const policy = {
  allow: patterns,
  deny: patterns,
  effects: listOf('effects', (item) => effects.has(item)),
} satisfies Rules<Policy>
const effects: ReadonlySet<unknown> = new Set(['read', 'write', 'destroy'])

/** The rules for every option of `createMcpClient`. The type rejects an option without a rule. */
const optionRules: Readonly<Record<keyof McpClientOptions<never>, Rule | Table>> = {
  connectors: must('an object that names each connector', isPlain),
  singleTenant: aBoolean,
  state: aStore,
  vault: aPort('vault()', 'bind'),
  capabilities: listOf('capabilities', isCapability),
  allowPrivateHosts: listOf(
    'hosts, without a scheme or path',
    (item) => typeof item === 'string' && /^[^/\s]+$/.test(item),
  ),
  pipeline: aFunction,
  logger: aPort('console', 'debug', 'info', 'warn', 'error'),
  clock: aPort('systemClock', 'now', 'monotonic', 'schedule'),
  transport: aPort('fetchTransport()', 'send'),
  random: aFunction,
  permissions: {
    policy: (value) => (isObject(value) ? undefined : aFunction(value)),
    approve: aFunction,
  } satisfies Rules<Permissions>,
  retry: { attempts: aCount, baseMs: waitMs, maxMs: waitMs } satisfies Rules<RetryPolicy>,
  timeouts: { callMs: limitMs, requestMs: limitMs } satisfies Rules<TimeoutPolicy>,
  limits: {
    whenLimited: oneOf('wait', 'refuse'),
    maxWaitMs: numberThat('milliseconds of at least 0', (value) => value >= 0),
  } satisfies Rules<LimitPolicy>,
  breaker: {
    windowMs: durationMs,
    minimumCalls: atLeastOne,
    failureRate: numberThat('above 0 and at most 1', (value) => value > 0 && value <= 1),
    openMs: durationMs,
    maxOpenMs: durationMs,
    probes: aCount,
  } satisfies Rules<BreakerPolicy>,
  maxResponseBytes: atLeastOne,
}

/**
 * Validates all options of `createMcpClient` before any of them is used.
 * @returns the stages of the client's pipeline
 * @throws ConnectorError CONFIGURATION_ERROR that lists every mistake
 */
export function checkClientOptions(options: unknown): Stages {
  let stages = standardPipeline
  refuseMistakes('createMcpClient', (issues) => {
    checkFields(options, optionRules, '', issues)
    if (!isObject(options)) return
    const { connectors, capabilities, permissions, pipeline } = options
    if (connectors === undefined) report(issues, 'connectors', 'is missing; pass an object that names each connector')
    else if (isPlain(connectors)) {
      for (const [id, connector] of Object.entries(connectors)) checkConnector(id, connector, issues)
    }
    if (Array.isArray(capabilities)) checkCapabilities(capabilities, issues)
    const rules = isObject(permissions) ? permissions['policy'] : undefined
    if (isObject(rules)) checkFields(rules, policy, 'permissions.policy.', issues)
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

function checkConnector(id: string, connector: unknown, issues: Issue[]): void {
  const path = `connectors.${shownName(id)}`
  if (!isId(id)) {
    report(issues, path, 'is not a valid id: use up to 48 letters, digits, _ and -, starting with a lowercase letter')
  }
  report(issues, path, connectorProblem(id, connector))
}

/** Returns whether a string can be an id: it becomes part of store keys, event names and tool names, and a property. */
const isId = (id: unknown): boolean =>
  typeof id === 'string' && /^[a-z][a-zA-Z0-9_-]{0,47}$/.test(id) && !(id in Object.prototype) && !reserved.has(id)
const reserved: ReadonlySet<string> = new Set(['then', 'toJSON', 'prototype'])

function checkCapabilities(capabilities: readonly unknown[], issues: Issue[]): void {
  const names = new Set<unknown>()
  const sole = { syncEngine: 'runs syncs', jobs: 'runs jobs' }
  const taken = new Set<string>()
  for (const [index, capability] of capabilities.entries()) {
    if (!isCapability(capability)) continue
    const path = `capabilities.${index}`
    const { name } = capability
    if (names.has(name)) report(issues, `${path}.name`, `is taken: ${shownName(name)} is composed twice`)
    names.add(name)
    for (const [member, does] of Object.entries(sole)) {
      if (capability[member] === undefined) continue
      if (taken.has(member)) report(issues, path, `${does}, as another capability does; compose one of them`)
      taken.add(member)
    }
    for (const [list, rules] of Object.entries(stageRules)) {
      if (capability[list] !== undefined) checkFields(capability[list], rules, `${path}.${list}.`, issues)
    }
  }
}

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
  const isList = (value: unknown, slots: readonly unknown[]) =>
    Array.isArray(value) && value.every((stage) => typeof stage === 'function' || slots.includes(stage))
  try {
    const stages = pipeline(standardPipeline)
    if (isObject(stages) && isList(stages['call'], callSlots) && isList(stages['request'], requestSlots))
      return stages as unknown as Stages
    report(issues, 'pipeline', 'must return { call, request }, two lists of stages')
  } catch (error) {
    report(issues, 'pipeline', `threw ${error instanceof Error ? shownName(error.message) : shown(error)}`)
  }
  return standardPipeline
}
