import type { BackupOptions, BackupResult, RotateOptions, RotateResult } from '../client/client-host.ts'
import type { Account } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { goneForGood, isOutOfUse, unusable } from './renewal/renewal-world.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectingParts } from './connect-account.ts'
import { refusal, textsIn, typedRecord } from './typed-credential.ts'

const OTHER_ACCOUNT = 'other_account'

/** Puts another credential in the place of the present one, which serves every call until the new one is proved. */
export async function rotateCredential(
  parts: ConnectingParts,
  credential: unknown,
  options: RotateOptions,
): Promise<RotateResult> {
  const { scope, connection, principal } = parts
  const { guard, succession } = scope.vault
  const { keepOldForMs = 0 } = options
  await guard.allow('rotate', principal, connection)
  const about = { actor: principal, secrets: textsIn(credential) }
  return guard.watch('rotate', connection, about, async () => {
    if (!(keepOldForMs >= 0)) {
      throw refusal(scope, 'INVALID_INPUT', 'keepOldForMs must be 0 or more.', { hint: 'Pass milliseconds.' })
    }
    const present = await replaceable(parts)
    if (keepOldForMs > 0 && isTradedIn(scope)) {
      throw refusal(scope, 'INVALID_INPUT', `The old credential of ${scope.serverId} cannot be kept.`, {
        hint: 'Leave keepOldForMs out: tokens that were got with the old one go on until they end.',
      })
    }
    const typed = await typedRecord(scope, credential, options)
    const proof = await prove(parts, present, typed)
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
  parts: ConnectingParts,
  credential: unknown,
  options: BackupOptions,
): Promise<BackupResult> {
  const { scope, connection, principal } = parts
  const { guard, succession } = scope.vault
  await guard.allow('rotate', principal, connection)
  const about = { actor: principal, secrets: textsIn(credential) }
  return guard.watch('backup', connection, about, async () => {
    const present = await replaceable(parts)
    if (isTradedIn(scope)) {
      throw refusal(scope, 'TOOL_NOT_SUPPORTED', `${scope.serverId} gets its tokens with the credential: no backup.`, {
        hint: 'Connect a second account under another name, with at().',
      })
    }
    const typed = await typedRecord(scope, credential, options)
    const proof = await prove(parts, present, typed)
    const { grant, expiresAt } = typed
    await succession.setBackup(connection, present, { credential: typed.credential, grant, expiresAt })
    await guard.record('backup', 'success', connection, { actor: principal, record: typed, reason: 'set' })
    return proof.proved ? proof : { proved: false, account: present.account }
  })
}

export async function removeBackup({ scope, connection, principal }: ConnectingParts): Promise<boolean> {
  const { guard, succession } = scope.vault
  await guard.allow('rotate', principal, connection)
  return guard.watch('backup', connection, { actor: principal }, async () => {
    const present = await replaceable({ scope, connection })
    const had = await succession.setBackup(connection, present, undefined)
    if (had) await guard.record('backup', 'success', connection, { actor: principal, reason: 'removed' })
    return had
  })
}

/** Lets a credential that stands by show itself to the provider, where the provider can be asked. */
export async function proveSuccessor(parts: ConnectingParts): Promise<'rotated' | 'refused' | 'not_proved'> {
  const { scope, connection } = parts
  const { vault } = scope
  const present = await vault.look(connection)
  const { successor } = present ?? {}
  if (present === undefined || successor === undefined || scope.profile.check === undefined) return 'not_proved'
  try {
    const { proved } = await prove(parts, present, { credential: successor.credential, grant: successor.grant })
    return proved && (await vault.succession.proved(connection, successor)) ? 'rotated' : 'not_proved'
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    const isWrong = error.code === 'MCP_AUTHENTICATION_FAILURE' || error.details.reason === OTHER_ACCOUNT
    return isWrong && (await vault.succession.refused(connection, successor)) ? 'refused' : 'not_proved'
  }
}

/** The present record, if another credential can be put beside it or in its place. */
async function replaceable({
  scope,
  connection,
}: Pick<ConnectingParts, 'scope' | 'connection'>): Promise<ConnectionRecord> {
  const { vault, profile, serverId } = scope
  const { flow } = profile.auth
  if (vault.holdsForTheApp || !profile.auth.holders.includes('connection')) {
    throw refusal(scope, 'CONFIGURATION_ERROR', `${serverId} was composed with the app's own credential.`, {
      hint: 'Change it in the composition.',
    })
  }
  const record = await vault.look(connection)
  if (record === undefined || record.left?.includes(serverId)) throw goneForGood()
  if (isOutOfUse(record)) throw unusable(record)
  if (flow !== undefined && flow.renewal !== 'obtain' && vault.canRenew(record)) {
    throw refusal(
      scope,
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
const isTradedIn = ({ profile }: ConnectingParts['scope']): boolean => profile.auth.flow?.renewal === 'obtain'

type Proof = { readonly proved: true; readonly account: Account | undefined } | { readonly proved: false }

/**
 * Asks the provider about a credential that nobody else uses yet.
 * @throws ConnectorError if the provider refuses it, or if it belongs to another account
 */
async function prove(parts: ConnectingParts, present: ConnectionRecord, typed: ConnectionRecord): Promise<Proof> {
  const { scope, connection } = parts
  const isBought = isTradedIn(scope)
  // The authorization server has just given a token for it.
  if (scope.profile.check === undefined)
    return isBought ? { proved: true, account: present.account } : { proved: false }
  const { credential, grant } = typed
  const candidate = scope.vault.propose(connection, { credential, grant, settings: present.settings })
  let account: Account | undefined
  try {
    account = await parts.check(candidate)
  } catch (error) {
    // A bad moment of the provider says nothing about the credential. A token that stood by would end meanwhile.
    if (ConnectorError.is(error) && error.retryable && !isBought) return { proved: false }
    throw error
  }
  if (present.account !== undefined && account !== undefined && account.id !== present.account.id) {
    throw refusal(scope, 'INVALID_INPUT', `This credential of ${scope.serverId} belongs to another account.`, {
      reason: OTHER_ACCOUNT,
      hint: 'To change the account, connect it.',
    })
  }
  return { proved: true, account }
}
