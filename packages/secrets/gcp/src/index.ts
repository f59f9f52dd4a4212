/** `@mcpclient/gcp-secrets`: secret references that Google Cloud Secret Manager reads. */
export { gcpSecrets } from './gcp-secrets.ts'
export type { SecretManager } from './gcp-secrets.ts'
