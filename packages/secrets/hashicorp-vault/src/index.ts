/** `@mcpclient/hashicorp-vault-secrets`: a secret source that reads from HashiCorp Vault or OpenBao. */
export { hashicorpVaultSecrets } from './hashicorp-vault-secrets.ts'
export type { HashicorpVaultClient } from './hashicorp-vault-secrets.ts'
