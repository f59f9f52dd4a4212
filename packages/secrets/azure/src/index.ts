/** `@mcpclient/azure-secrets`: secret references that Azure Key Vault reads. */
export { azureSecrets } from './azure-secrets.ts'
export type { KeyVault } from './azure-secrets.ts'
