/** `@mcpclient/core/node`: what needs Node's own modules, so that nothing else of core does. */
export { fileSecrets } from './config/file-secrets.ts'
export type { FileSecretsOptions } from './config/file-secrets.ts'
