import { ConnectorError } from '@mcpclient/core'
import type { SecretSource } from '@mcpclient/core/secrets'
import { azureFailure } from './azure-failure.ts'

/** The method of the `SecretClient` of [Azure](https://www.npmjs.com/package/@azure/keyvault-secrets). */
export interface KeyVault {
  getSecret(
    name: string,
    options?: { version?: string; abortSignal?: AbortSignal },
  ): Promise<{ value?: string | undefined }>
}

/** Names and versions as in https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates */
const REFERENCE = /^([0-9A-Za-z-]{1,127})(?:\/([0-9A-Za-z]+))?$/

/**
 * Reads `azure-kv:name` and `azure-kv:name/version` references: a secret of the client's vault, by default its latest
 * version.
 *
 * Needs the permission "Get" on secrets, for example through the role Key Vault Secrets User.
 *
 * @param client for one vault, with a credential
 */
export function azureSecrets(client: KeyVault): SecretSource {
  return {
    scheme: 'azure-kv',
    async read(reference, { signal }) {
      const [, name, version] = REFERENCE.exec(reference) ?? []
      if (name === undefined) {
        throw new ConnectorError('CONFIGURATION_ERROR', `azure-kv:${reference} names no secret.`, {
          hint: 'Write azure-kv:name or azure-kv:name/version; names have letters, digits and dashes.',
        })
      }
      try {
        const options = { ...(version !== undefined && { version }), ...(signal && { abortSignal: signal }) }
        const { value } = await client.getSecret(name, options)
        return value ?? ''
      } catch (error) {
        throw azureFailure(reference, error)
      }
    },
  }
}
