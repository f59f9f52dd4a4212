import { ConnectorError, createMcpClient, createRegistry, fetchTransport, memoryStore } from '@mcpclient/core'
import { memoryAuditLog } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'
import { CANARY } from './fuzz-handle.ts'
import { dangerousNames, hostileValue, pick, text } from './hostile-values.ts'
import type { Dice } from './hostile-values.ts'

const MAX_ERROR_LENGTH = 64_000

/** A value that each option accepts. */
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

function optionsOf(dice: Dice): unknown {
  if (dice() < 0.03) return hostileValue(dice)
  const options: Record<string, unknown> = {}
  for (const [name, make] of Object.entries(valid)) {
    const roll = dice()
    if (name === 'connectors' ? roll < 0.7 : roll < 0.15) options[name] = make()
    else if (roll > 0.93) options[name] = hostileValue(dice)
    else if (roll > 0.88) options[name] = { [pick(dice, nested)]: hostileValue(dice) }
  }
  if (dice() < 0.1) options[text(dice)] = hostileValue(dice)
  if (dice() < 0.1) options['connectors'] = Object.fromEntries([[connectorId(dice), connectorOf(dice)]])
  return options
}

const connectorId = (dice: Dice): string => (dice() < 0.5 ? pick(dice, dangerousNames) : text(dice))

const connectorOf = (dice: Dice): unknown => {
  const roll = dice()
  if (roll < 0.3) return demo()
  if (roll < 0.4) return demo
  return roll < 0.7
    ? { ...demo(), [pick(dice, ['mount', 'profile', 'baseUrl', 'settings'])]: hostileValue(dice) }
    : hostileValue(dice)
}

const doors: readonly ((dice: Dice) => Promise<unknown> | undefined)[] = [
  (dice) => createMcpClient(optionsOf(dice) as never).close(),
  (dice) => createMcpClient(optionsOf(dice) as never).close(),
  (dice) => {
    createMcpClient({ connectors: {} }).register(connectorId(dice), connectorOf(dice) as never)
    return undefined
  },
  (dice) => {
    demo({ token: CANARY, [pick(dice, ['baseUrl', 'region', text(dice)])]: hostileValue(dice) })
    return undefined
  },
  (dice) => {
    demo(hostileValue(dice) as object)
    return undefined
  },
  (dice) => {
    createRegistry([demo]).create((dice() < 0.5 ? hostileValue(dice) : { type: hostileValue(dice) }) as never)
    return undefined
  },
]

/**
 * Composes one client, connector or registry.
 * @returns `composed`, or `refused`
 * @throws what was wrong with the refusal
 */
export async function fuzzComposition(dice: Dice): Promise<string> {
  const open = pick(dice, doors)
  try {
    await open(dice)
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
