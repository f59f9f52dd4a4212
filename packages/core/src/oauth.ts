/**
 * `@mcpclient/core/oauth`: for connectors that meet authorization servers at run time, as MCP servers make them do.
 */
export { readChallenge } from './oauth/challenge.ts'
export type { Challenge } from './oauth/challenge.ts'
export { discoverAuthorizationServer } from './oauth/discovery.ts'
export { isSameIssuer } from './oauth/discovery.ts'
export { discoverProtectedResource } from './oauth/protected-resource.ts'
export type { ProtectedResource } from './oauth/protected-resource.ts'
export { oauthProtocol } from './oauth/protocol.ts'
export {
  assertionProtocol,
  clientCredentialsProtocol,
  jwtBearerProtocol,
  tokenExchangeProtocol,
} from './oauth/unattended.ts'
export type { JwtBearerAssertion } from './oauth/unattended.ts'
export type {
  AuthorizationRequest,
  DeviceStart,
  DocumentCache,
  FlowContext,
  GrantFlow,
  GrantProtocol,
  RefreshedGrant,
  PendingFlow,
  Registrations,
} from './auth/grant-flow.ts'
export type { OAuth2Options, OpenIdOptions, ProtocolOptions } from './oauth/definition.ts'
export type { Grant, GrantChoice } from './auth/grant.ts'
