import type { PendingAuthorization } from './pending-authorization.ts'
import { ConnectorError } from '../errors/connector-error.ts'

const MAX_LENGTH = 512
/** A setting is a word: an id, a domain, a region. */
const isWord = (value: string): boolean => value.length <= MAX_LENGTH && /^[\x21-\x7E]+$/.test(value)

/**
 * Reads the settings that a callback brings along, such as the company that the user chose at the provider.
 * @param declared setting names and the parameters that they come in; no other parameter is read
 * @returns undefined if nothing is declared
 * @throws ConnectorError INVALID_INPUT, or MCP_AUTHENTICATION_FAILURE with the reason `settings_mismatch`
 */
export function callbackSettings(
  declared: Readonly<Record<string, string>> | undefined,
  callback: URL,
  begun: Pick<PendingAuthorization, 'serverId' | 'settings'>,
): Readonly<Record<string, unknown>> | undefined {
  if (declared === undefined) return undefined
  const { serverId } = begun
  const asked = new Map<string, unknown>(Object.entries(begun.settings ?? {}))
  const brought = Object.entries(declared).flatMap(([name, parameter]) => {
    const values = callback.searchParams.getAll(parameter)
    const [value] = values
    if (value === undefined) return []
    if (values.length > 1 || !isWord(value)) throw unreadable(serverId, parameter)
    if (asked.has(name) && asked.get(name) !== value) throw another(serverId, name)
    return [[name, value] as const]
  })
  return Object.fromEntries(brought)
}

const unreadable = (serverId: string, parameter: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `The callback of ${serverId} has an unusable ${parameter}.`, {
    serverId,
    outcome: 'not_processed',
    issues: [{ path: parameter, message: `Expected once, as printable text of at most ${MAX_LENGTH} characters.` }],
    hint: 'Start again with connect().',
  })

const another = (serverId: string, name: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The callback of ${serverId} is for another ${name}.`, {
    serverId,
    reason: 'settings_mismatch',
    outcome: 'not_processed',
    hint: `Start again with connect(), and choose the ${name} that was passed to it.`,
  })
