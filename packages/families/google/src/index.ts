/** `@mcpclient/google`: what the connectors to Google's services share. Nothing in it names a service. */
export { google, googleServiceAccount } from './auth.ts'
export type { GoogleScopes } from './auth.ts'
export { googleErrors } from './errors.ts'
export type { OwnErrors } from './errors.ts'
export { syncCodes, syncPage } from './sync.ts'
export type { SyncPageOptions } from './sync.ts'
export { watchChannel } from './watch.ts'
export type { WatchOptions, WatchReading } from './watch.ts'
