import { refreshesAppCredential } from '../connector/connector.ts'
import type { Connector } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Connection } from '../identity/connection.ts'
import type { Accounts } from '../ports/accounts.ts'
import { connectionAt } from '../ports/credential-source.ts'
import type { CredentialSource, Signer, UnsignedRequest } from '../ports/credential-source.ts'

const HINT = 'Compose a vault: createMcpClient({ vault: vault({ store }) }), with vault from @mcpclient/core/vault.'

/**
 * Signs with the credential that the host passed at composition. It replaces a vault in a client whose users connect no
 * accounts.
 */
export class AppCredentials implements CredentialSource {
  readonly #serverId: string
  readonly #connector: Connector
  readonly #signer: Signer | undefined

  /** @throws ConnectorError CONFIGURATION_ERROR if the credential has to be refreshed */
  constructor(serverId: string, connector: Connector) {
    const { appCredential, profile } = connector
    const { auth } = profile
    this.#serverId = serverId
    this.#connector = connector
    if (appCredential === undefined) return
    if (refreshesAppCredential(connector)) {
      const message = `The credential of ${serverId} obtains tokens that have to be refreshed.`
      throw new ConnectorError('CONFIGURATION_ERROR', message, { serverId, reason: 'vault_missing', hint: HINT })
    }
    this.#signer = {
      sign: (request) => auth.sign(request, appCredential, undefined, connector.app),
      secrets: () => [...Object.values(appCredential), ...(connector.signingSecrets ?? [])],
    }
  }

  get isShared(): boolean {
    return this.#connector.appCredential !== undefined
  }

  connectionOf(tenant: string, name: string): Connection {
    const serverId = this.#serverId
    return connectionAt({ serverId, group: serverId, isShared: this.isShared }, tenant, name)
  }

  settingsOf(): undefined {
    return undefined
  }

  isRefreshing(): boolean {
    return false
  }

  isUsable(): Promise<boolean> {
    return Promise.resolve(this.isShared)
  }

  send<Result>(request: UnsignedRequest, send: (signer: Signer) => Promise<Result>): Promise<Result> {
    if (this.#signer !== undefined) return send(this.#signer)
    // The service may not need a credential. It decides whether to accept the request.
    if (this.#connector.profile.auth.flow?.optional === true) return send(anonymous)
    const { tenant } = request.call.principal
    return Promise.reject(
      new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${tenant} has not connected ${this.#serverId}.`, {
        reason: 'not_connected',
        hint: HINT,
        outcome: 'not_processed',
      }),
    )
  }

  accounts(connection: Connection): Accounts {
    const { isShared } = this
    const { serverId, tenant, name } = connection
    const state = isShared ? ('active' as const) : ('disconnected' as const)
    const reject = () => Promise.reject(withoutVault(serverId))
    return {
      connect: reject,
      choose: reject,
      disconnect: () => Promise.resolve(false),
      rotate: reject,
      setBackup: reject,
      removeBackup: reject,
      isConnected: () => this.isUsable(),
      status: () => Promise.resolve({ serverId, tenant, connection: name, state, renews: false }),
    }
  }
}

/** Returns the error for an operation that needs a vault, in a client that has none. */
export const withoutVault = (serverId?: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', 'This client has no vault and cannot connect accounts.', {
    serverId,
    reason: 'vault_missing',
    outcome: 'not_processed',
    hint: HINT,
  })

const anonymous: Signer = { sign: () => ({}), secrets: () => [] }
