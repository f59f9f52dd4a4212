/** `@mcpclient/meta`: what the connectors to Meta's Graph API share. Nothing in it names a service. */
export { facebookLogin, SECRET_PROOF, systemUserToken } from './auth.ts'
export type { FacebookLoginOptions } from './auth.ts'
export { graphErrors } from './errors.ts'
export type { OwnErrors } from './errors.ts'
export {
  fieldsOf,
  GRAPH_VERSION,
  graphPages,
  graphUrl,
  graphVersion,
  metricQuery,
  pageSize,
  unixSeconds,
} from './requests.ts'
export { hubHandshake, readChanges, RETRIES_FOR_MS, verifyToken } from './webhook.ts'
export type { Change } from './webhook.ts'
