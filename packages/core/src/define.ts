/**
 * `@mcpclient/core/define`: the functions and types with which an author describes a service. They only build values.
 */
export { defineConnector } from './connector/define-connector.ts'
export type {
  ConnectorFactory,
  Definition,
  NamedFactory,
  OptionsOf,
  TypesOf,
  TypesOfFactory,
} from './connector/definition.ts'
export { tool } from './connector/tool.ts'
export type { AnyTool, Done, PerformContext, Tool, ToolContext, ToolFor, Undo } from './connector/tool.ts'
export { mark, noContent, nullable } from './connector/fields.ts'
export type { Marks } from './connector/fields.ts'
export { binary, del, form, get, multipart, patch, path, post, put } from './connector/request.ts'
export type { Body, Effect, FilePart, FormValue, Query, RequestOptions, RequestSpec } from './connector/request.ts'
export { fromBase64, toBase64 } from './connector/base64.ts'
export { cursorPages, linkPages, numberedPages, offsetPages, urlPages } from './connector/pages.ts'
export type { Pages } from './connector/pages.ts'
export { valueAt } from './connector/reply.ts'
export type { Path, Reply } from './connector/reply.ts'
export { send, sendAll, wait } from './connector/steps.ts'
export type { Run, Settled, Step, Steps, Wait } from './connector/steps.ts'
export { sync } from './connector/sync.ts'
export type { AnySyncMapping, RowChanges, SyncMapping } from './connector/sync-mapping.ts'
export type {
  AnySync,
  SetChange,
  SetChanges,
  Sync,
  SyncChanges,
  SyncCodes,
  SyncPage,
  SyncPlace,
  SyncPush,
} from './connector/sync.ts'
export { eventStream } from './connector/server-sent-events.ts'
export type { ServerSentEvent, StreamReading } from './connector/server-sent-events.ts'
export { errorTable } from './connector/error-table.ts'
export type { ErrorPlaces, ErrorRow, ErrorTable, Failure } from './connector/error-table.ts'
export type { Limit, LimitScope } from './connector/limit.ts'
export { accountAt } from './connector/profile.ts'
export type { AccountPlaces, CheckDefinition, HeadersOf, Profile } from './connector/profile.ts'
export type { Account } from './identity/connection.ts'
export type { Schema } from './connector/schema.ts'
export { webhook } from './connector/webhook.ts'
export type {
  Delivery,
  Handshake,
  HandshakeResponse,
  Notice,
  Reading,
  RefusalReason,
  Secrets,
  Subscription,
  SubscriptionChannel,
  SubscriptionHandle,
  UnverifiedDelivery,
  Verdict,
  Verifier,
  Webhook,
} from './connector/webhook.ts'

export { apiKey } from './auth/api-key.ts'
export { withSigningSecret } from './auth/with-signing-secret.ts'
export { basic } from './auth/basic.ts'
export { bearer } from './auth/bearer.ts'
export { clientCredentials } from './oauth/client-credentials.ts'
export type { ClientCredentialsDefinition, ClientKeyFields, ClientSecretFields } from './oauth/client-credentials.ts'
export { customAuth } from './auth/custom-auth.ts'
export { jwtBearer } from './oauth/jwt-bearer.ts'
export type { JwtBearerFields, JwtBearerOptions } from './oauth/jwt-bearer.ts'
export { noAuth } from './auth/no-auth.ts'
export { oauth2 } from './oauth/oauth2.ts'
export type { TokenFields } from './oauth/oauth2.ts'
export { oidc } from './oauth/oidc.ts'
export type { OidcDefinition } from './oauth/oidc.ts'
export { tokenExchange } from './oauth/token-exchange.ts'
export type { TokenExchangeDefinition } from './oauth/token-exchange.ts'
export type { OAuthApp, OAuthEndpoints, RegisteredApp } from './oauth/app.ts'
export type {
  AccountChoice,
  AccountDiscovery,
  AuthorizeOptions,
  ClientAuthenticationMethod,
  EndpointUrl,
  OAuth2Definition,
  RegistrationDefinition,
  RevocationOptions,
  RevocationRequest,
  ScopeChoice,
  TokenEndpointOptions,
  AccessTokenExchange,
  TokenReading,
} from './oauth/definition.ts'
export type { RefreshOptions } from './auth/grant-flow.ts'
export type { AuthStrategy, Holder } from './auth/strategy.ts'
export type { CredentialField, CredentialFields, CredentialOf, CredentialSettings } from './auth/credential-fields.ts'
export type { SignableRequest, Signature } from './ports/transport.ts'

export { ConnectorError } from './errors/connector-error.ts'
export type { ErrorCode } from './errors/codes.ts'
