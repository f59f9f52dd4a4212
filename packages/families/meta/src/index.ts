/** `@mcpclient/meta`: what the connectors to Meta's Graph API share. Nothing in it names a service. */
export { facebookLogin, SECRET_PROOF, systemUserToken } from './auth.ts'
export type { FacebookLoginOptions } from './auth.ts'
export { graphErrors } from './errors.ts'
export type { OwnErrors } from './errors.ts'
export { GRAPH_VERSION, graphPages, graphUrl, graphVersion } from './requests.ts'
export { Delivered, hubHandshake, verifyToken } from './webhook.ts'
