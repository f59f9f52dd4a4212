import type { EncryptedStore } from '../../encryption/encrypted.ts'
import type { RotateKeysOptions, RotationReport } from '../../encryption/rotation.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { Principal } from '../../identity/principal.ts'
import type { Store } from '../../ports/store.ts'
import { reasonOf } from '../credential-refusal.ts'
import type { OperationsContext } from './operations-context.ts'
import { actorIn } from './vault-scope.ts'

/**
 * Rotates the keys of an encrypted store, and records it in the audit.
 * @throws ConnectorError CONFIGURATION_ERROR if the store is not `encrypted`
 */
export async function rotateKeys(
  context: OperationsContext,
  store: Store | undefined,
  { by, ...rotation }: RotateKeysOptions & { readonly by?: Principal | undefined },
): Promise<RotationReport> {
  const { trail } = context
  const actor = actorIn(by, context)
  if (store === undefined || !canRotateKeys(store)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The store of the vault has no keys to rotate.', {
      hint: 'Wrap it: vault({ store: encrypted(store, { keys }) }).',
    })
  }
  const about = { operation: 'reencrypt', actor } as const
  try {
    const report = await store.rotateKeys(rotation)
    const result = report.finished
      ? ({ outcome: 'success' } as const)
      : ({ outcome: 'failed', reason: 'not_finished' } as const)
    await trail?.record({ ...about, ...result })
    return report
  } catch (error) {
    await trail?.record({ ...about, outcome: 'failed', reason: reasonOf(error) })
    throw error
  }
}

const canRotateKeys = (store: Store): store is Pick<EncryptedStore, 'rotateKeys'> & Store => 'rotateKeys' in store
