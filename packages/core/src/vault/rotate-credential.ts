import type { BackupResult } from '../ports/accounts.ts'
import type { BackupOptions } from '../ports/accounts.ts'
import type { RotateResult } from '../ports/accounts.ts'
import type { RotateOptions } from '../ports/accounts.ts'
import type { Account, Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { goneForGood, isOutOfUse, unusable } from './renewal/renewal-world.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { refusal } from './account-context.ts'
import type { AccountContext } from './account-context.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { recordFromInput, stringValues } from './typed-credential.ts'

const OTHER_ACCOUNT = 'other_account'

/** Puts another credential in the place of the present one, which serves every call until the new one is proved. */
export async function rotateCredential(
  context: AccountContext,
  credential: unknown,
  options: RotateOptions,
): Promise<RotateResult> {
  const { vault, connection, principal } = context
  const { guard, succession } = vault
  const { keepOldForMs = 0 } = options
  await guard.allow('rotate', principal, connection)
  const about = { actor: principal, secrets: stringValues(credential) }
  return guard.watch('rotate', connection, about, async () => {
    if (!(keepOldForMs >= 0)) {
      throw refusal(vault, 'INVALID_INPUT', 'keepOldForMs must be 0 or more.', { hint: 'Pass milliseconds.' })
    }
    const present = await replaceable(vault, connection)
    if (keepOldForMs > 0 && isTradedIn(vault)) {
      throw refusal(vault, 'INVALID_INPUT', `The old credential of ${vault.serverId} cannot be kept.`, {
        hint: 'Leave keepOldForMs out: tokens that were got with the old one go on until they end.',
      })
    }
    const typed = await recordFromInput(vault, credential, options)
    const proof = await prove(context, present, typed)
    const successor = { credential: typed.credential, grant: typed.grant, expiresAt: typed.expiresAt, keepOldForMs }
    if (proof.proved) {
      await succession.replace(connection, present, successor)
      await guard.record('rotate', 'success', connection, { actor: principal, record: typed })
      return { status: 'rotated', account: proof.account ?? present.account }
    }
    await succession.standBy(connection, present, successor)
    await guard.record('rotate', 'success', connection, { actor: principal, record: typed, reason: 'not_proved_yet' })
    return { status: 'proving', account: present.account }
  })
}

/** Keeps a second credential, for when the first is refused. */
export async function setBackup(
  context: AccountContext,
  credential: unknown,
  options: BackupOptions,
): Promise<BackupResult> {
  const { vault, connection, principal } = context
  const { guard, succession } = vault
  await guard.allow('rotate', principal, connection)
  const about = { actor: principal, secrets: stringValues(credential) }
  return guard.watch('backup', connection, about, async () => {
    const present = await replaceable(vault, connection)
    if (isTradedIn(vault)) {
      throw refusal(vault, 'TOOL_NOT_SUPPORTED', `${vault.serverId} gets its tokens with the credential: no backup.`, {
        hint: 'Connect a second account under another name, with at().',
      })
    }
    const typed = await recordFromInput(vault, credential, options)
    const proof = await prove(context, present, typed)
    const { grant, expiresAt } = typed
    await succession.setBackup(connection, present, { credential: typed.credential, grant, expiresAt })
    await guard.record('backup', 'success', connection, { actor: principal, record: typed, reason: 'set' })
    return proof.proved ? proof : { proved: false, account: present.account }
  })
}

export async function removeBackup({ vault, connection, principal }: AccountContext): Promise<boolean> {
  const { guard, succession } = vault
  await guard.allow('rotate', principal, connection)
  return guard.watch('backup', connection, { actor: principal }, async () => {
    const present = await replaceable(vault, connection)
    const had = await succession.setBackup(connection, present, undefined)
    if (had) await guard.record('backup', 'success', connection, { actor: principal, reason: 'removed' })
    return had
  })
}

/** Lets a credential that stands by show itself to the provider, where the provider can be asked. */
export async function proveSuccessor(context: AccountContext): Promise<'rotated' | 'refused' | 'not_proved'> {
  const { vault, connection } = context
  const present = await vault.read(connection)
  const { successor } = present ?? {}
  if (present === undefined || successor === undefined || vault.context.composed.connector.profile.check === undefined)
    return 'not_proved'
  try {
    const { proved } = await prove(context, present, { credential: successor.credential, grant: successor.grant })
    return proved && (await vault.succession.proved(connection, successor)) ? 'rotated' : 'not_proved'
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    const isWrong = error.code === 'MCP_AUTHENTICATION_FAILURE' || error.details.reason === OTHER_ACCOUNT
    return isWrong && (await vault.succession.refused(connection, successor)) ? 'refused' : 'not_proved'
  }
}

/** The present record, if another credential can be put beside it or in its place. */
async function replaceable(vault: ConnectorVault, connection: Connection): Promise<ConnectionRecord> {
  const { serverId, auth } = vault
  const { flow } = auth
  if (vault.isShared || !auth.holders.includes('connection')) {
    throw refusal(vault, 'CONFIGURATION_ERROR', `${serverId} was composed with the app's own credential.`, {
      hint: 'Change it in the composition.',
    })
  }
  const record = await vault.read(connection)
  if (record === undefined || record.left?.includes(serverId)) throw goneForGood()
  if (isOutOfUse(record)) throw unusable(record)
  if (flow !== undefined && flow.renewal !== 'obtain' && vault.canRenew(record)) {
    throw refusal(
      vault,
      'TOOL_NOT_SUPPORTED',
      `The grant of ${serverId} is renewed by itself: there is no key to rotate.`,
      {
        hint: 'To put another grant in its place, connect the account again.',
      },
    )
  }
  return record
}

/** What is typed in buys tokens, and is shown to the authorization server only: the service never refuses it. */
const isTradedIn = ({ auth }: ConnectorVault): boolean => auth.flow?.renewal === 'obtain'

type Proof = { readonly proved: true; readonly account: Account | undefined } | { readonly proved: false }

/**
 * Asks the provider about a credential that nobody else uses yet.
 * @throws ConnectorError if the provider refuses it, or if it belongs to another account
 */
async function prove(context: AccountContext, present: ConnectionRecord, typed: ConnectionRecord): Promise<Proof> {
  const { vault, connection, principal } = context
  const isBought = isTradedIn(vault)
  // The authorization server has just given a token for it.
  if (vault.context.composed.connector.profile.check === undefined)
    return isBought ? { proved: true, account: present.account } : { proved: false }
  const { credential, grant } = typed
  const candidate = {
    signer: vault.signerOf({ credential, grant }),
    settings: present.settings?.[vault.serverId],
  }
  let account: Account | undefined
  try {
    account = await vault.context.composed.check(connection, principal, candidate)
  } catch (error) {
    // A bad moment of the provider says nothing about the credential. A token that stood by would end meanwhile.
    if (ConnectorError.is(error) && error.retryable && !isBought) return { proved: false }
    throw error
  }
  if (present.account !== undefined && account !== undefined && account.id !== present.account.id) {
    throw refusal(vault, 'INVALID_INPUT', `This credential of ${vault.serverId} belongs to another account.`, {
      reason: OTHER_ACCOUNT,
      hint: 'To change the account, connect it.',
    })
  }
  return { proved: true, account }
}
