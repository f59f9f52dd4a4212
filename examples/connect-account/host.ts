import { createMcpClient } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import type { AuditSink } from '@mcpclient/core/vault'
import { sqliteStore } from '@mcpclient/sqlite'
import { accountsAt } from './accounts.ts'

/** The configuration of every process. */
export interface HostSettings {
  readonly issuer: string
  /** The SQLite file that the processes share. */
  readonly file: string
  readonly key: string
  readonly redirectUri: string
}

/** The app registered with the provider, as `clientId` and `clientSecret` from its console. */
export const registered = { clientId: 'example-host', clientSecret: 'the-secret-of-the-example-host' }

/** Creates the client of one process, over the store that all processes share. */
export function startHost({ issuer, file, key, redirectUri }: HostSettings, audit?: AuditSink) {
  const store = sqliteStore({ file })
  const mcp = createMcpClient({
    connectors: { accounts: accountsAt(issuer)(registered) },
    vault: vault({ store: encrypted(store, { keys: key }), redirectUri, audit }),
  })
  return {
    mcp,
    close: async () => {
      await mcp.close()
      await store.close?.()
    },
  }
}
