import { settingsFrom } from '../auth/credential-fields.ts'
import { enteredGrant } from '../auth/grant.ts'
import type { AuthStrategy } from '../auth/strategy.ts'
import type { ConnectOptions } from '../ports/accounts.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { refusal } from './account-context.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { ProviderGrants } from './provider-grants.ts'
import { unusableCredential } from '../auth/credential-text.ts'
import { isHeaderValue } from '../auth/header-text.ts'

/** Returns the record of a credential that a user entered, with the grant that is obtained with it if there is one. */
export async function recordFromInput(
  vault: ConnectorVault,
  credential: unknown,
  options: Pick<ConnectOptions, 'settings' | 'expiresAt' | 'scopes'>,
): Promise<ConnectionRecord> {
  const { serverId, clock } = vault
  const { flow } = vault.auth
  const fields = fieldsIn(vault, credential)
  const entered: ConnectionRecord = {
    credential: fields,
    ...(options.settings && { settings: { [serverId]: options.settings } }),
    connectedAt: new Date(clock.now()).toISOString(),
    ...(options.expiresAt && { expiresAt: timeOf(vault, options.expiresAt) }),
  }
  await refuseUnusable(vault, fields)
  if (flow === undefined) return entered
  if (flow.renewal !== 'obtain') return { ...entered, credential: {}, grant: enteredGrant(fields) }
  const { obtain } = await flow.load()
  if (obtain === undefined) throw new TypeError('The strategy cannot obtain a grant.')
  const grants = new ProviderGrants(vault)
  const ask = { scopes: options.scopes ?? flow.scopes }
  return {
    ...entered,
    grant: await grants.withRedactedErrors(entered, () => obtain(grants.contextOf(entered, undefined), ask)),
  }
}

/**
 * Returns the settings of a connection with a credential that a user entered: those that were passed, and those that
 * follow from the credential.
 */
export function settingsOfInput(
  vault: ConnectorVault,
  credential: unknown,
  passed: object | undefined,
): object | undefined {
  const { connector } = vault.context.composed
  if (vault.auth.settings === undefined) return passed
  const implied = Object.entries(settingsFrom(vault.auth.settings, fieldsIn(vault, credential)))
  return { ...Object.fromEntries(implied.filter(([name]) => !Object.hasOwn(connector.settings, name))), ...passed }
}

function timeOf(vault: ConnectorVault, date: Date): number {
  const time = date.getTime()
  if (Number.isFinite(time)) return time
  throw refusal(vault, 'INVALID_INPUT', 'expiresAt is not a date.', { hint: 'Pass a valid Date, or leave it out.' })
}

function fieldsIn(vault: ConnectorVault, credential: unknown): Readonly<Record<string, string>> {
  const { auth } = vault
  const given = (typeof credential === 'object' && credential !== null ? credential : {}) as Record<string, unknown>
  const isGiven = (name: string) => typeof given[name] === 'string' && given[name] !== ''
  const names = Object.keys(auth.fields)
  const missing = names.filter((name) => !isGiven(name) && auth.fields[name]?.optional !== true)
  if (missing.length > 0) {
    const labels = missing.map((name) => `${name} (${auth.fields[name]?.label ?? name})`)
    throw refusal(vault, 'INVALID_INPUT', `To connect ${vault.serverId}, pass ${labels.join(' and ')}.`, {
      issues: missing.map((path) => ({ path, message: 'Required, as a string.' })),
    })
  }
  return Object.fromEntries(names.filter(isGiven).map((name) => [name, given[name] as string]))
}

/** Refuses a key that no request could carry, before it is stored. */
async function refuseUnusable({ auth, serverId }: ConnectorVault, fields: Readonly<Record<string, string>>) {
  for (const [path, value] of Object.entries(fields)) {
    const trimmed = value.trim()
    // A key of several lines, such as PEM, ends with a line break.
    if (trimmed === value || auth.fields[path]?.verbatim === true || trimmed.includes('\n')) continue
    const problem = 'begins or ends with whitespace'
    throw unusableCredential(serverId, problem).with({ issues: [{ path, message: `It ${problem}.` }] })
  }
  if (auth.flow?.renewal === 'obtain' || Object.values(fields).every(isHeaderValue)) return
  // Only the strategy knows what goes into a header.
  const { headers = {}, query = {} } = await signatureOf(auth, serverId, fields)
  const isUsable = Object.values(headers).every(isHeaderValue) && Object.values(query).every(isWellFormed)
  if (!isUsable) throw unusableCredential(serverId)
}

async function signatureOf(auth: AuthStrategy, serverId: string, fields: Readonly<Record<string, string>>) {
  try {
    return await auth.sign({ method: 'GET', url: `https://${serverId.toLowerCase()}.invalid/`, headers: {} }, fields)
  } catch (error) {
    throw ConnectorError.is(error) ? error : unusableCredential(serverId)
  }
}

const isWellFormed = (text: string): boolean => text.isWellFormed()
