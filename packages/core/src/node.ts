/** `@mcpclient/core/node`: what needs Node's own modules, so that nothing else of core does. */
export { fileSecrets } from './node/file-secrets.ts'
export type { FileSecretsOptions } from './node/file-secrets.ts'
export { loopbackRedirect } from './node/loopback-redirect.ts'
export type { LoopbackRedirect, LoopbackRedirectOptions } from './node/loopback-redirect.ts'
