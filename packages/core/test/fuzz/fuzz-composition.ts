import { ConnectorError, createMcpClient, createRegistry, fetchTransport, memoryStore } from '@mcpclient/core'
import { memoryAuditLog } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'
import { CANARY } from './fuzz-handle.ts'
import { dangerousNames, hostileValue, pick, text } from './hostile-values.ts'
import type { Random } from './hostile-values.ts'

const MAX_ERROR_LENGTH = 64_000

/** Valid values of each option. */
const valid: Readonly<Record<string, () => unknown>> = {
  connectors: () => ({ notes: demo({ token: CANARY }) }),
  singleTenant: () => true,
  credentials: () => memoryStore(),
  state: () => memoryStore(),
  redirectUri: () => 'https://app.example/callback',
  renewal: () => ({ leaseMs: 1000 }),
  credentialAccess: () => () => true,
  audit: () => memoryAuditLog(),
  expiryWarningDays: () => [7, 1],
  pipeline: () => (stages: unknown) => stages,
  logger: () => console,
  clock: () => ({ now: () => 0, monotonic: () => 0, schedule: () => () => undefined }),
  transport: () => fetchTransport(),
  random: () => Math.random,
  permissions: () => ({ policy: { allow: ['*'] } }),
  retry: () => ({ attempts: 2 }),
  timeouts: () => ({ callMs: 5000 }),
  limits: () => ({ whenLimited: 'wait' }),
  breaker: () => ({ probes: 1 }),
  maxResponseBytes: () => 1000,
}

const nested = [
  'attempts',
  'baseMs',
  'callMs',
  'whenLimited',
  'failureRate',
  'policy',
  'leaseMs',
  'get',
  'notes',
  'then',
]

function optionsOf(random: Random): unknown {
  if (random() < 0.03) return hostileValue(random)
  const options: Record<string, unknown> = {}
  for (const [name, make] of Object.entries(valid)) {
    const roll = random()
    if (name === 'connectors' ? roll < 0.7 : roll < 0.15) options[name] = make()
    else if (roll > 0.93) options[name] = hostileValue(random)
    else if (roll > 0.88) options[name] = { [pick(random, nested)]: hostileValue(random) }
  }
  if (random() < 0.1) options[text(random)] = hostileValue(random)
  if (random() < 0.1) options['connectors'] = Object.fromEntries([[connectorId(random), connectorOf(random)]])
  return options
}

const connectorId = (random: Random): string => (random() < 0.5 ? pick(random, dangerousNames) : text(random))

const connectorOf = (random: Random): unknown => {
  const roll = random()
  if (roll < 0.3) return demo()
  if (roll < 0.4) return demo
  return roll < 0.7
    ? { ...demo(), [pick(random, ['mount', 'profile', 'baseUrl', 'settings'])]: hostileValue(random) }
    : hostileValue(random)
}

const doors: readonly ((random: Random) => Promise<unknown> | undefined)[] = [
  (random) => createMcpClient(optionsOf(random) as never).close(),
  (random) => createMcpClient(optionsOf(random) as never).close(),
  (random) => {
    createMcpClient({ connectors: {} }).register(connectorId(random), connectorOf(random) as never)
    return undefined
  },
  (random) => {
    demo({ token: CANARY, [pick(random, ['baseUrl', 'region', text(random)])]: hostileValue(random) })
    return undefined
  },
  (random) => {
    demo(hostileValue(random) as object)
    return undefined
  },
  (random) => {
    createRegistry([demo]).create((random() < 0.5 ? hostileValue(random) : { type: hostileValue(random) }) as never)
    return undefined
  },
]

/**
 * Composes one client, connector or registry.
 * @returns `composed`, or `refused`
 * @throws if the rejection is wrong
 */
export async function fuzzComposition(random: Random): Promise<string> {
  const open = pick(random, doors)
  try {
    await open(random)
    return 'composed'
  } catch (error) {
    if (!ConnectorError.is(error) || error.code !== 'CONFIGURATION_ERROR') {
      throw new Error('A composition failed without CONFIGURATION_ERROR.', { cause: error })
    }
    const wire = error.message + JSON.stringify(error)
    if (error.message.trim() === '' || error.advice === '')
      throw new Error('The refusal says nothing.', { cause: error })
    if (wire.includes(CANARY)) throw new Error('The refusal contains a credential.', { cause: error })
    if (wire.length > MAX_ERROR_LENGTH) throw new Error(`The refusal has ${wire.length} characters.`, { cause: error })
    return 'refused'
  }
}
