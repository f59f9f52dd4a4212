import { backgroundClock, ConnectorError, memoryStore, systemClock } from '@mcpclient/core'
import type { Clock, Store, ToolFacts } from '@mcpclient/core'
import type { Elicitor } from '../elicitation/question.ts'
import type { ResultOptions, ServerOptions } from '../options.ts'
import type { Link } from '../protocol/link.ts'
import type { SizePolicy } from '../results/size-policy.ts'
import type { DriftPolicy } from '../tools/catalog.ts'
import { factsByRule, toolFilter } from '../tools/tool-rules.ts'

/** The context of the code for one server: the host's options with every default filled in. */
export interface ServerContext {
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
  /** The same time, with timers that do not keep the process alive. */
  readonly background: Clock
  readonly random: () => number
}

const MIB = 1024 * 1024
export const DEFAULT_MAX_MESSAGE_BYTES = 64 * MIB
const DEFAULT_MAX_RESULT_BYTES = 4 * MIB
const DEFAULT_IDLE_MS = 5 * 60_000

/**
 * Returns the context of a server.
 * @throws ConnectorError CONFIGURATION_ERROR if a number is not positive
 */
export function serverContext(
  options: ServerOptions,
  link: Link,
  defaults: { readonly connectTimeoutMs: number; readonly restarts: boolean },
): ServerContext {
  const { results = {}, idleMs, connectTimeoutMs, timeoutMs, maxMessageBytes, elicit, clock } = options
  assertPositive({ idleMs, connectTimeoutMs, timeoutMs, maxMessageBytes, 'results.maxBytes': results.maxBytes })
  return {
    link,
    facts: factsByRule(options.effects),
    offers: toolFilter(options.tools),
    onDrift: options.onDrift ?? 'warn',
    pins: options.pins ?? memoryStore(),
    size: { maxBytes: results.maxBytes ?? DEFAULT_MAX_RESULT_BYTES, onLarge: results.onLarge ?? 'truncate' },
    validate: results.validate ?? 'refuse',
    elicit,
    session: options.session ?? (elicit === undefined ? 'shared' : 'tenant'),
    restarts: defaults.restarts,
    idleMs: idleMs ?? DEFAULT_IDLE_MS,
    connectTimeoutMs: connectTimeoutMs ?? defaults.connectTimeoutMs,
    clientInfo: options.client ?? { name: 'mcpclient', version: '0' },
    clock: clock ?? systemClock,
    background: clock ?? backgroundClock,
    random: options.random ?? Math.random,
  }
}

function assertPositive(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || value > 0) continue
    throw new ConnectorError('CONFIGURATION_ERROR', `${name} is ${value}.`, { hint: 'Pass a number greater than 0.' })
  }
}
