/**
 * `@mcpclient/core/secrets`: resolves references to secrets in a configuration. `fileSecrets` is in `@mcpclient/core/node`,
 * and packages such as `@mcpclient/aws-secrets` read from secret managers.
 */
export { envSecrets } from './secrets/secret-source.ts'
export type { SecretSource } from './secrets/secret-source.ts'
export { resolveSecrets } from './secrets/resolve-secrets.ts'
export type { ResolveSecretsOptions } from './secrets/resolve-secrets.ts'
export { secretReader } from './secrets/secret-reader.ts'
export type { SecretReader, SecretReaderOptions } from './secrets/secret-reader.ts'
