import type {
  Accounts,
  BackupOptions,
  BackupResult,
  ConnectionStatus,
  ConnectOptions,
  ConnectResult,
  DisconnectOptions,
  OperationOptions,
  RotateOptions,
  RotateResult,
} from '../ports/accounts.ts'
import { nothingToLoad, runOperation } from '../resilience/run-operation.ts'
import type { AccountContext } from './account-context.ts'
import type { PendingAuthorization } from './pending-authorization.ts'

/**
 * The operations on one connection, each within its time limit. They are rare, so their code is loaded with the first
 * use.
 */
export class AccountOperations implements Accounts {
  readonly #context: AccountContext

  constructor(context: AccountContext) {
    this.#context = context
  }

  connect(credential: unknown, options: ConnectOptions): Promise<ConnectResult> {
    return this.#run('Connecting', options, loadConnect, ({ connectAccount }) =>
      connectAccount(this.#context, credential, options),
    )
  }

  choose(id: string, options: OperationOptions): Promise<ConnectResult> {
    return this.#run('Connecting', options, loadConnect, ({ chooseSite }) => chooseSite(this.#context, id))
  }

  /** Rejects for the host's own reasons, before the callback is used up. */
  assertCompletable(): Promise<void> {
    return this.#run('Connecting', {}, loadConnect, ({ assertCompletable }) => assertCompletable(this.#context))
  }

  /** Completes what `connect` started: the user has come back to `callback`. */
  complete(pending: PendingAuthorization, callback: URL): Promise<ConnectResult> {
    return this.#run('Connecting', {}, loadConnect, ({ completeAccount }) =>
      completeAccount(this.#context, pending, callback),
    )
  }

  disconnect(options: DisconnectOptions): Promise<boolean> {
    const load = () => import('./disconnect-account.ts')
    return this.#run('Disconnecting', options, load, ({ disconnectAccount }) =>
      disconnectAccount(this.#context, options),
    )
  }

  rotate(credential: unknown, options: RotateOptions): Promise<RotateResult> {
    return this.#run('Rotating the credential of', options, loadRotate, ({ rotateCredential }) =>
      rotateCredential(this.#context, credential, options),
    )
  }

  setBackup(credential: unknown, options: BackupOptions): Promise<BackupResult> {
    return this.#run('Changing the backup of', options, loadRotate, ({ setBackup }) =>
      setBackup(this.#context, credential, options),
    )
  }

  removeBackup(options: OperationOptions): Promise<boolean> {
    return this.#run('Changing the backup of', options, loadRotate, ({ removeBackup }) => removeBackup(this.#context))
  }

  isConnected(options: OperationOptions): Promise<boolean> {
    return this.#run('Reading the status of', options, nothingToLoad, async () => {
      await this.#assertReadable()
      return this.#context.vault.isUsable(this.#context.connection)
    })
  }

  status(options: OperationOptions): Promise<ConnectionStatus> {
    const load = () => import('./connection-status.ts')
    return this.#run('Reading the status of', options, load, async ({ describeConnection }) => {
      await this.#assertReadable()
      const { vault, connection } = this.#context
      return describeConnection(vault, connection, await vault.read(connection))
    })
  }

  async #assertReadable(): Promise<void> {
    const { vault, principal, connection } = this.#context
    await vault.guard.assertAllowed('read', principal, connection)
    await vault.guard.record('read', 'success', connection, { actor: principal })
  }

  #run<Code, Result>(
    doing: string,
    options: OperationOptions,
    load: () => Promise<Code>,
    work: (code: Code) => Promise<Result>,
  ): Promise<Result> {
    const { vault, connection } = this.#context
    const { composed, host } = vault.context
    const { clock, logger, callMs } = host
    return runOperation({ connection, lifetime: composed.lifetime, clock, logger, callMs }, doing, options, load, work)
  }
}

const loadConnect = () => import('./connect-account.ts')
const loadRotate = () => import('./rotate-credential.ts')
