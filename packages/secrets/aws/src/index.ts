/** `@mcpclient/aws-secrets`: secret references that AWS Secrets Manager reads. */
export { awsSecrets } from './aws-secrets.ts'
export type { SecretsManager } from './aws-secrets.ts'
