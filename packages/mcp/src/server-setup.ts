import { backgroundClock, ConnectorError, memoryStore, systemClock } from '@mcpclient/core'
import type { Clock, Store, ToolFacts } from '@mcpclient/core'
import type { Elicitor } from './elicitation/question.ts'
import type { SizePolicy } from './results/size-policy.ts'
import type { ResultOptions, ServerOptions } from './server-options.ts'
import type { Link } from './session/link.ts'
import type { DriftPolicy } from './tools/catalog.ts'
import { factsByRule } from './tools/effects.ts'
import { toolFilter } from './tools/tool-filter.ts'

/** A host's options with every default filled in. */
export interface ServerSetup {
  readonly link: Link
  readonly facts: (tool: string) => ToolFacts
  readonly offers: (tool: string) => boolean
  readonly onDrift: DriftPolicy
  readonly pins: Store
  readonly size: SizePolicy
  readonly validate: NonNullable<ResultOptions['validate']>
  readonly elicit: Elicitor | undefined
  readonly session: 'shared' | 'tenant'
  readonly restarts: boolean
  readonly idleMs: number
  readonly connectTimeoutMs: number
  readonly clientInfo: { readonly name: string; readonly version: string }
  readonly clock: Clock
  /** The same time, for what keeps no process alive. */
  readonly background: Clock
  readonly random: () => number
}

const MIB = 1024 * 1024
export const MAX_MESSAGE_BYTES = 64 * MIB

/** @throws ConnectorError CONFIGURATION_ERROR if a number is none */
export function setupOf(
  options: ServerOptions,
  link: Link,
  defaults: { readonly connectTimeoutMs: number; readonly restarts: boolean },
): ServerSetup {
  const { results = {}, idleMs, connectTimeoutMs, timeoutMs, maxMessageBytes } = options
  refuseNonsense({ idleMs, connectTimeoutMs, timeoutMs, maxMessageBytes, 'results.maxBytes': results.maxBytes })
  return {
    link,
    facts: factsByRule(options.effects),
    offers: toolFilter(options.tools),
    onDrift: options.onDrift ?? 'warn',
    pins: options.pins ?? memoryStore(),
    size: { maxBytes: results.maxBytes ?? 4 * MIB, onLarge: results.onLarge ?? 'truncate' },
    validate: results.validate ?? 'refuse',
    elicit: options.elicit,
    session: options.session ?? (options.elicit === undefined ? 'shared' : 'tenant'),
    restarts: defaults.restarts,
    idleMs: idleMs ?? 5 * 60_000,
    connectTimeoutMs: connectTimeoutMs ?? defaults.connectTimeoutMs,
    clientInfo: options.client ?? { name: 'mcpclient', version: '0' },
    clock: options.clock ?? systemClock,
    background: options.clock ?? backgroundClock,
    random: options.random ?? Math.random,
  }
}

function refuseNonsense(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || value > 0) continue
    throw new ConnectorError('CONFIGURATION_ERROR', `${name} is ${value}.`, { hint: 'Pass a number greater than 0.' })
  }
}
