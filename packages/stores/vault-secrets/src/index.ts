/** `@mcpclient/vault-secrets`: secret references that HashiCorp Vault reads. */
export { vaultSecrets } from './vault-secrets.ts'
export type { VaultClient } from './vault-secrets.ts'
