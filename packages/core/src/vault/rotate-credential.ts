import { ConnectorError } from '../errors/connector-error.ts'
import type { Account, Connection } from '../identity/connection.ts'
import type { BackupOptions, BackupResult, RotateOptions, RotateResult } from '../ports/accounts.ts'
import { refusal } from './account-context.ts'
import type { AccountContext } from './account-context.ts'
import { disconnectedConnection, isOutOfUse, unusableConnection } from './connection-errors.ts'
import { settingsIn, stringValues } from './connection-record.ts'
import type { ConnectionRecord, SpareCredential } from './connection-record.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { promoted, spareOf, withoutSpare, withSpare } from './credential-list.ts'
import type { NextCredential } from './credential-list.ts'
import { recordFromInput } from './credential-input.ts'

const OTHER_ACCOUNT = 'other_account'

/** Replaces the credential without downtime: the current one serves calls until the provider accepts the new one. */
export async function rotateCredential(
  context: AccountContext,
  credential: unknown,
  options: RotateOptions,
): Promise<RotateResult> {
  const { vault, connection, principal } = context
  const { guard } = vault
  const { keepOldForMs = 0 } = options
  await guard.assertAllowed('rotate', principal, connection)
  const about = { actor: principal, secrets: stringValues(credential) }
  return guard.audited('rotate', connection, about, async () => {
    if (!(keepOldForMs >= 0)) {
      throw refusal(vault, 'INVALID_INPUT', 'keepOldForMs must be 0 or more.', { hint: 'Pass milliseconds.' })
    }
    const current = await readReplaceable(vault, connection)
    if (keepOldForMs > 0 && isExchanged(vault)) {
      throw refusal(vault, 'INVALID_INPUT', `The old credential of ${vault.serverId} cannot be kept.`, {
        hint: 'Leave out keepOldForMs: tokens that were obtained with the old one stay valid until they expire.',
      })
    }
    const input = await recordFromInput(vault, credential, options)
    const check = await verify(context, current, input)
    const next = { credential: input.credential, grant: input.grant, expiresAt: input.expiresAt, keepOldForMs }
    if (check.verified) {
      await replaceCurrent(vault, connection, current, next)
      await guard.record('rotate', 'success', connection, { actor: principal, record: input })
      return { status: 'rotated', account: check.account ?? current.account }
    }
    await addSpare(vault, connection, current, { role: 'staged', ...next })
    await guard.record('rotate', 'success', connection, { actor: principal, record: input, reason: 'staged' })
    return { status: 'staged', account: current.account }
  })
}

/** Stores a second credential, for when the current one is refused. */
export async function setBackup(
  context: AccountContext,
  credential: unknown,
  options: BackupOptions,
): Promise<BackupResult> {
  const { vault, connection, principal } = context
  const { guard } = vault
  await guard.assertAllowed('rotate', principal, connection)
  const about = { actor: principal, secrets: stringValues(credential) }
  return guard.audited('backup', connection, about, async () => {
    const current = await readReplaceable(vault, connection)
    if (isExchanged(vault)) {
      throw refusal(vault, 'TOOL_NOT_SUPPORTED', `${vault.serverId} cannot have a backup credential.`, {
        hint: 'Connect a second account under another name, with at().',
      })
    }
    const input = await recordFromInput(vault, credential, options)
    const check = await verify(context, current, input)
    const { grant, expiresAt } = input
    await addSpare(vault, connection, current, { role: 'backup', credential: input.credential, grant, expiresAt })
    await guard.record('backup', 'success', connection, { actor: principal, record: input, reason: 'set' })
    return check.verified ? check : { verified: false, account: current.account }
  })
}

export async function removeBackup({ vault, connection, principal }: AccountContext): Promise<boolean> {
  const { guard, rotation } = vault
  await guard.assertAllowed('rotate', principal, connection)
  return guard.audited('backup', connection, { actor: principal }, async () => {
    const seen = await readReplaceable(vault, connection)
    const change = await rotation.change(connection, (record) => {
      const current = sameAccount(seen, record)
      return spareOf(current, 'backup') && withoutSpare(current, 'backup')
    })
    if (change === undefined) return false
    await guard.record('backup', 'success', connection, { actor: principal, reason: 'removed' })
    return true
  })
}

/**
 * Promotes a staged credential that the provider's check accepts, and drops one that it refuses.
 * @returns whether it was promoted
 */
export async function verifyStaged(context: AccountContext): Promise<boolean> {
  const { vault, connection } = context
  const { rotation } = vault
  const current = await vault.read(connection)
  const staged = current && spareOf(current, 'staged')
  if (current === undefined || staged === undefined || !hasCheck(vault)) return false
  try {
    const { verified } = await verify(context, current, staged)
    return verified && (await rotation.promote(connection, staged))
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    const isWrong = error.code === 'MCP_AUTHENTICATION_FAILURE' || error.details.reason === OTHER_ACCOUNT
    if (isWrong) await rotation.reject(connection, staged)
    return false
  }
}

/**
 * Makes a verified credential the current one.
 * @param seen the record for whose account it was verified
 */
async function replaceCurrent(
  { rotation, clock }: ConnectorVault,
  connection: Connection,
  seen: ConnectionRecord,
  next: NextCredential,
): Promise<void> {
  await rotation.change(
    connection,
    (record) => promoted(sameAccount(seen, record), next, clock.now()),
    () => [{ kind: 'rotated', wasStaged: false }],
  )
}

/** Adds a spare, in place of the one of the same role. Calls try a staged one first. */
async function addSpare(
  { rotation, clock }: ConnectorVault,
  connection: Connection,
  seen: ConnectionRecord,
  spare: Omit<SpareCredential, 'since'>,
): Promise<void> {
  await rotation.change(connection, (record) => withSpare(sameAccount(seen, record), { ...spare, since: clock.now() }))
}

/**
 * Returns the record, unless the account was connected again since `seen` was read: it may be another account now.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if it is gone or out of use; INVALID_INPUT if it was connected again
 */
function sameAccount(seen: ConnectionRecord, record: ConnectionRecord | undefined): ConnectionRecord {
  if (record === undefined) throw disconnectedConnection()
  if (isOutOfUse(record)) throw unusableConnection(record)
  if (record.connectedAt === seen.connectedAt && record.account?.id === seen.account?.id) return record
  throw new ConnectorError('INVALID_INPUT', 'The account was connected again meanwhile. Nothing was changed.', {
    reason: 'connected_meanwhile',
    hint: 'Read status(), and try again if it is still the right account.',
    outcome: 'not_processed',
  })
}

/** Returns the current record, if another credential can be added to it or replace its own. */
async function readReplaceable(vault: ConnectorVault, connection: Connection): Promise<ConnectionRecord> {
  const { serverId, auth } = vault
  const { flow } = auth
  if (vault.isShared || !auth.holders.includes('connection')) {
    throw refusal(vault, 'CONFIGURATION_ERROR', `${serverId} was composed with the app's own credential.`, {
      hint: 'Change it in the composition.',
    })
  }
  const record = await vault.read(connection)
  if (record === undefined || record.left?.includes(serverId)) throw disconnectedConnection()
  if (isOutOfUse(record)) throw unusableConnection(record)
  if (flow !== undefined && flow.renewal !== 'obtain' && vault.renewal.canRenew(record)) {
    throw refusal(
      vault,
      'TOOL_NOT_SUPPORTED',
      `The grant of ${serverId} refreshes itself: there is no key to rotate.`,
      {
        hint: 'To replace the grant, connect the account again.',
      },
    )
  }
  return record
}

/** Returns whether the credential is exchanged for tokens. The service never sees it, and so never refuses it. */
const isExchanged = ({ auth }: ConnectorVault): boolean => auth.flow?.renewal === 'obtain'

const hasCheck = ({ context }: ConnectorVault): boolean => context.composed.connector.profile.check !== undefined

type Verification = { readonly verified: true; readonly account: Account | undefined } | { readonly verified: false }

/**
 * Asks the provider about a credential that is not in use yet.
 * @throws ConnectorError if the provider refuses it, or if it belongs to another account
 */
async function verify(
  { vault, connection, principal }: AccountContext,
  current: ConnectionRecord,
  { credential, grant }: Pick<ConnectionRecord, 'credential' | 'grant'>,
): Promise<Verification> {
  // The authorization server has just issued a token for one that is exchanged.
  if (!hasCheck(vault)) return isExchanged(vault) ? { verified: true, account: current.account } : { verified: false }
  const settings = settingsIn({ settings: current.settings, grant: grant ?? current.grant }, vault.serverId)
  const candidate = { signer: vault.signerOf({ credential, grant }), settings }
  let account: Account | undefined
  try {
    account = await vault.context.composed.check(connection, principal, candidate)
  } catch (error) {
    // A temporary failure says nothing about the credential. An obtained token would expire while it is staged.
    if (ConnectorError.is(error) && error.retryable && !isExchanged(vault)) return { verified: false }
    throw error
  }
  if (current.account !== undefined && account !== undefined && account.id !== current.account.id) {
    throw refusal(vault, 'INVALID_INPUT', `This credential of ${vault.serverId} belongs to another account.`, {
      reason: OTHER_ACCOUNT,
      hint: 'To change the account, connect it.',
    })
  }
  return { verified: true, account }
}
