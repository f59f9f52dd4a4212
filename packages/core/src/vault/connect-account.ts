import type { ConnectOptions, ConnectResult } from '../ports/accounts.ts'
import type { GrantFlow } from '../auth/grant-flow.ts'
import type { Connection } from '../identity/connection.ts'
import { ofChoice } from '../auth/grant.ts'
import { isSameCredential, settingsIn, stringValues } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { callbackSettings } from './callback.ts'
import { stateAfter } from './connection-state.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { assertSameUser, refusedCallback } from './pending-authorization.ts'
import type { PendingAuthorization } from './pending-authorization.ts'
import { ProviderGrants } from './provider-grants.ts'
import { isSameLineage, withAssumedLifetime } from './renewal/grant-lineage.ts'
import { RevocationMarks } from './revocation-marks.ts'
import type { MarksSeen } from './revocation-marks.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { missingScopes } from './needs-scope.ts'
import { refusal } from './account-context.ts'
import type { AccountContext } from './account-context.ts'
import { accountIndexOf } from './account-index.ts'
import { recordFromInput, settingsOfInput } from './credential-input.ts'

/** Connects one account: with a credential that a user entered, or by sending the user to the provider. */
export async function connectAccount(
  context: AccountContext,
  credential: unknown,
  options: ConnectOptions,
): Promise<ConnectResult> {
  const { vault, connection, principal, consent } = context
  const { serverId, auth, guard } = vault
  await guard.assertAllowed('connect', principal, connection)
  const about = { actor: principal, secrets: stringValues(credential) }
  return guard.audited('connect', connection, about, async () => {
    if (vault.isShared) {
      if (credential !== undefined && Object.keys(auth.fields).length > 0) {
        throw refusal(vault, 'CONFIGURATION_ERROR', `${serverId} was composed with the app's own credential.`, {
          hint: 'Leave it out of the composition to let each tenant connect an account of its own.',
        })
      }
      return { status: 'connected', account: await vault.context.composed.check(connection, principal) }
    }
    if (!auth.holders.includes('connection')) {
      throw refusal(vault, 'CONFIGURATION_ERROR', `${serverId} takes its credential at composition.`, {
        hint: `Pass ${Object.keys(auth.fields).join(', ')} to the connector in createMcpClient.`,
      })
    }
    const isAsked = credential === undefined && auth.flow?.interactive === true
    const settings = isAsked ? options.settings : settingsOfInput(vault, credential, options.settings)
    await refuseSettings(context, settings, isAsked)
    if (credential === undefined && consent !== undefined && auth.flow?.interactive === true) {
      if (options.flow === 'device') return beginDevice(context, options)
      const begun = await (await consent()).begin(connection, options, principal.user)
      await guard.record('connect_begin', 'success', connection, { actor: principal })
      return { status: 'authorize', ...begun }
    }
    const marks = await new RevocationMarks(vault).seen(connection)
    return verifyAndStore(context, await recordFromInput(vault, credential, { ...options, settings }), marks)
  })
}

/** Refuses settings that are wrong or missing, before anything is stored or a user is sent away. */
async function refuseSettings(
  { vault, connection }: AccountContext,
  given: object | undefined,
  isAsked: boolean,
): Promise<void> {
  const { flow } = vault.auth
  // What a grant brings, such as the site that it is for, is checked with the first call.
  if (given === undefined && isAsked && flow?.findsSettings === true) return
  // A user who agrees again keeps the settings of the connection.
  const previous = given === undefined && isAsked ? await vault.read(connection) : undefined
  vault.context.composed.assertSettings(given ?? previous?.settings?.[vault.serverId] ?? {})
}

/** Refuses to complete a callback for the host's own reasons: asked before the callback is used up. */
export async function assertCompletable({ vault, connection, principal, consent }: AccountContext): Promise<void> {
  const { serverId } = vault
  await vault.guard.assertAllowed('connect', principal, connection)
  if (consent !== undefined) return
  throw refusal(vault, 'CONFIGURATION_ERROR', `${serverId} has no authorization to complete.`, {
    hint: 'Compose it as it was composed when the authorization started.',
  })
}

/** Completes what `connectAccount` started, after {@link assertCompletable}: the user has come back to `callback`. */
export async function completeAccount(
  context: AccountContext,
  pending: PendingAuthorization,
  callback: URL,
): Promise<ConnectResult> {
  const { vault, connection, principal, consent } = context
  const { guard } = vault
  return guard.audited('connect', connection, { actor: principal }, async () => {
    if (consent === undefined) throw new TypeError('assertCompletable() was not called.')
    // Checked before the code is redeemed, and again before the grant is stored.
    await refuseRevoked(context, pending.marks)
    const brought = settingsInCallback(context, pending, callback)
    const record = await (await consent()).complete(connection, pending, callback, brought)
    return verifyAndStore(context, record, pending.marks)
  })
}

/** Reads the settings that a callback brings along, and checks them before the code is exchanged. */
function settingsInCallback(
  { vault }: AccountContext,
  pending: PendingAuthorization,
  callback: URL,
): object | undefined {
  const settings = callbackSettings(vault.auth.flow?.callbackSettings, callback, pending)
  if (settings === undefined) return undefined
  try {
    vault.context.composed.assertSettings({ ...pending.settings, ...settings })
  } catch (error) {
    if (!ConnectorError.is(error) || error.code !== 'CONFIGURATION_ERROR') throw error
    const { issues } = error.details
    throw refusal(vault, 'INVALID_INPUT', `The callback of ${vault.serverId} brings unusableConnection settings.`, {
      issues,
      hint: 'Start again with connect(), and choose another account at the provider.',
    })
  }
  return settings
}

/** Settles which of the account's sites or organizations the connection is for. */
export async function chooseSite(context: AccountContext, id: string): Promise<ConnectResult> {
  const { vault, connection, principal } = context
  const { guard } = vault
  await guard.assertAllowed('connect', principal, connection)
  return guard.audited('connect', connection, { actor: principal }, async () => {
    const marks = await new RevocationMarks(vault).seen(connection)
    const record = await vault.read(connection)
    assertSameUser(record?.startedBy, principal.user)
    const choices = record?.grant?.choices ?? []
    const chosen = choices.find((choice) => choice.id === id)
    if (record === undefined || chosen === undefined) {
      throw refusal(vault, 'INVALID_INPUT', `There is no "${id}" to choose at ${vault.serverId}.`, {
        choices: choices.map((choice) => choice.id),
      })
    }
    const settings = {
      ...record.settings,
      [vault.serverId]: { ...record.settings?.[vault.serverId], ...chosen.settings },
    }
    const { choices: _settled, ...grant } = record.grant ?? { accessToken: '', issuedAt: 0 }
    const { startedBy: _user, ...kept } = record
    return verifyAndStore(context, { ...kept, grant: ofChoice(grant, chosen), settings }, marks)
  })
}

async function beginDevice(context: AccountContext, options: ConnectOptions): Promise<ConnectResult> {
  const { vault, connection, principal, consent } = context
  const { clock } = vault
  if (consent === undefined) throw new TypeError('The strategy needs no consent.')
  const marks = await new RevocationMarks(vault).seen(connection)
  const device = await (await consent()).beginDevice(connection, options)
  await vault.guard.record('connect_begin', 'success', connection, { actor: principal })
  return {
    status: 'authorize',
    url: device.verificationUriComplete ?? device.verificationUri,
    verificationUri: device.verificationUri,
    userCode: device.userCode,
    expiresAt: clock.now() + device.expiresInMs,
    wait: ({ signal } = {}) =>
      vault.guard
        .audited('connect', connection, { actor: principal }, async () =>
          verifyAndStore(context, await device.decided(signal), marks),
        )
        .catch((error: unknown) => {
          const isCallers = signal?.aborted === true && error === signal.reason
          throw isCallers ? error : ConnectorError.from(error, `Connecting ${vault.serverId}`)
        }),
  }
}

/** Stores a record once the provider has accepted it. */
async function verifyAndStore(
  context: AccountContext,
  record: ConnectionRecord,
  marks: MarksSeen,
): Promise<ConnectResult> {
  const { vault, connection, principal } = context
  const { auth } = vault
  const { host } = vault.context
  const choices = record.grant?.choices ?? []
  if (choices.length > 0) {
    // The grant cannot be obtained twice, so it is stored while the user chooses.
    await storeUnlessRevoked(context, { ...record, state: 'pending', startedBy: principal.user }, marks)
    return { status: 'choose', choices: choices.map(({ id, name }) => ({ id, name })) }
  }
  const account = (await verifyAccount(context, record)) ?? record.account
  await storeUnlessRevoked(context, connected(account ? { ...record, account } : record), marks)
  const { serverId, tenant, name } = connection
  const about = { serverId, tenant, connection: name, account }
  host.logger.info({ event: 'connection.connected', ...about }, 'An account was connected.')
  host.emit('connection.connected', () => about)
  await vault.guard.record('connect', 'success', connection, { actor: principal, record })
  const missing = missingScopes(auth.flow?.scopes, record.grant, auth.flow)
  return {
    status: 'connected',
    account,
    scopes: record.grant?.scopes,
    ...(missing.length > 0 && { missingScopes: missing }),
  }
}

/**
 * Stores the credential that a user connected with, in place of any other.
 * @returns the record that it replaced
 */
async function store(
  vault: ConnectorVault,
  connection: Connection,
  record: ConnectionRecord,
): Promise<ConnectionRecord | undefined> {
  const { flow } = vault.auth
  const grant = record.grant && flow ? withAssumedLifetime(record.grant, flow.refresh) : record.grant
  // Before the connection: one without its row would never get a delivery.
  if (record.account !== undefined) await accountIndexOf(vault)?.add(record.account.id, connection)
  let replaced: ConnectionRecord | undefined
  await vault.rows.update(connection.storeKey, (before) => {
    replaced = before
    const left = before?.left?.filter((serverId) => serverId !== vault.serverId) ?? []
    return { ...record, grant, generation: (before?.generation ?? 0) + 1, ...(left.length > 0 && { left }) }
  })
  vault.renewal.forget(connection)
  return replaced
}

/** Stores a record, unless the connection was revoked after the authorization had started. */
async function storeUnlessRevoked(context: AccountContext, record: ConnectionRecord, marks: MarksSeen): Promise<void> {
  const { vault, connection } = context
  let replaced: ConnectionRecord | undefined
  try {
    await refuseRevoked(context, marks)
    replaced = await store(vault, connection, record)
    // A revocation sets its mark before it lists the rows, so a row that was written too late for the list sees the mark.
    await refuseRevoked(context, marks)
  } catch (error) {
    if (!ConnectorError.is(error) || error.details.reason !== REVOKED_MEANWHILE) throw error
    const row = await vault.rows.readFresh(connection.storeKey)
    const isKept = row !== undefined && row.version !== null && isSameCredential(row.record, record)
    if (isKept) await vault.rows.remove(connection.storeKey, row.version)
    // No other process could revoke the new grant. A token that a user entered belongs to the user.
    if (record.grant !== undefined && record.grant.issuedAt !== 0) await new ProviderGrants(vault).tryRevoke(record)
    throw error
  }
  const old = replaced && replacedGrant(replaced, record, vault.auth.flow)
  if (old !== undefined) await revokeReplaced(context, old)
}

/** Timeout for revoking a grant that was replaced. */
const REPLACED_MS = 5000

/** Returns the grant that is unused now, if revoking it at the provider leaves the new one valid. */
function replacedGrant(
  replaced: ConnectionRecord,
  record: ConnectionRecord,
  flow: GrantFlow | undefined,
): ConnectionRecord | undefined {
  const old = { ...replaced, ...replaced.quarantined }
  const { grant } = old
  // A token that a user entered belongs to the user.
  if (grant === undefined || grant.issuedAt === 0) return undefined
  const isSame = grant.accessToken === record.grant?.accessToken || isSameLineage(grant, record.grant)
  if (isSame) return undefined
  const [before, after] = [grant.account?.id ?? replaced.account?.id, record.grant?.account?.id ?? record.account?.id]
  const isOtherAccount = before !== undefined && after !== undefined && before !== after
  return flow?.revocationEnds === 'token' || isOtherAccount ? old : undefined
}

/** Revokes a replaced grant. A failure changes nothing: the account is connected. */
async function revokeReplaced({ vault, connection, principal: actor }: AccountContext, old: ConnectionRecord) {
  const { guard } = vault
  try {
    if (!(await new ProviderGrants(vault).revoke(old, REPLACED_MS))) return
    await guard.record('revoke', 'success', connection, { actor, record: old, reason: 'replaced' })
  } catch {
    await guard.record('revoke', 'failed', connection, { actor, record: old, reason: 'replaced' })
  }
}

const REVOKED_MEANWHILE = 'revoked_meanwhile'

async function refuseRevoked({ vault, connection }: AccountContext, marks: MarksSeen): Promise<void> {
  if (!(await new RevocationMarks(vault).isRevokedSince(connection, marks))) return
  throw refusedCallback(REVOKED_MEANWHILE, 'the connection was revoked meanwhile')
}

async function verifyAccount({ vault, connection, principal }: AccountContext, record: ConnectionRecord) {
  const { grant } = record
  const candidate = { signer: vault.signerOf(record), settings: settingsIn(record, vault.serverId) }
  try {
    return await vault.context.composed.check(connection, principal, candidate)
  } catch (error) {
    // A new grant is valid and cannot be obtained twice, so a temporary failure of the API is no reason to drop it.
    const isRejected = ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'
    if (grant === undefined || grant.issuedAt === 0 || isRejected) throw error
    return undefined
  }
}

/** Returns the record of a connection whose grant or credential was accepted. */
function connected(record: ConnectionRecord): ConnectionRecord {
  const { trouble: _trouble, lease: _lease, unresolved: _unresolved, state: before = 'disconnected', ...kept } = record
  const state = stateAfter(before, 'connect')
  return state === 'active' ? kept : { ...kept, state }
}
