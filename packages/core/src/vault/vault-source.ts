import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { CredentialSource, Signer, UnsignedRequest } from '../ports/credential-source.ts'
import { AccountOperations } from './account-operations.ts'
import type { ConnectorVault } from './connector-vault.ts'
import type { Consent } from './consent.ts'
import { CredentialUse } from './credential-use.ts'
import { needsScope } from './needs-scope.ts'

/** The vault as the pipeline and the clients of one connector see it. */
export class VaultSource implements CredentialSource {
  readonly vault: ConnectorVault
  readonly #use: CredentialUse
  #consent: Promise<Consent> | undefined

  constructor(vault: ConnectorVault) {
    this.vault = vault
    this.#use = new CredentialUse(vault, (request, missing) => needsScope(vault, this.consent, request, missing))
  }

  get isShared(): boolean {
    return this.vault.isShared
  }

  /** Asks users for their consent; undefined if the strategy needs none. Loaded with the first use. */
  get consent(): (() => Promise<Consent>) | undefined {
    const { flow } = this.vault.auth
    if (flow === undefined) return undefined
    const load = async () => {
      const { Consent } = await import('./consent.ts')
      return new Consent(this.vault, flow)
    }
    return () => (this.#consent ??= load())
  }

  connectionOf(tenant: string, name: string): Connection {
    return this.vault.connectionOf(tenant, name)
  }

  settingsOf(connection: Connection): object | undefined | Promise<object | undefined> {
    return this.vault.settingsOf(connection)
  }

  isRefreshing(connection: Connection): boolean {
    return this.vault.renewal.isRunning(connection)
  }

  isUsable(connection: Connection): Promise<boolean> {
    return this.vault.isUsable(connection)
  }

  send<Result>(request: UnsignedRequest, send: (signer: Signer) => Promise<Result>): Promise<Result> {
    return this.#use.send(request, send)
  }

  accounts(connection: Connection, principal: Principal): AccountOperations {
    return new AccountOperations({ vault: this.vault, consent: this.consent, connection, principal })
  }
}
