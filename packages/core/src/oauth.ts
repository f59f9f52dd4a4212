/**
 * `@mcpclient/core/oauth`: for connectors that meet authorization servers at run time, as MCP servers make them do.
 */
export { readChallenge } from './auth/oauth/challenge.ts'
export type { Challenge } from './auth/oauth/challenge.ts'
export { discoverAuthorizationServer } from './auth/oauth/discovery.ts'
export { isSameIssuer } from './auth/oauth/same-issuer.ts'
export { discoverProtectedResource } from './auth/oauth/protected-resource.ts'
export type { ProtectedResource } from './auth/oauth/protected-resource.ts'
export { oauthProtocol } from './auth/oauth/protocol.ts'
export {
  assertionProtocol,
  clientCredentialsProtocol,
  jwtBearerProtocol,
  tokenExchangeProtocol,
} from './auth/oauth/unattended.ts'
export type { JwtBearerAssertion } from './auth/oauth/unattended.ts'
export type {
  AuthorizationAsk,
  DeviceStart,
  DocumentCache,
  FlowContext,
  GrantFlow,
  GrantProtocol,
  RefreshedGrant,
  PendingFlow,
  Registrations,
} from './auth/grant-flow.ts'
export type { OAuth2Options, OpenIdOptions } from './auth/oauth/definition.ts'
export type { Grant, GrantChoice } from './auth/grant.ts'
