import type { FlowContext } from '../auth/grant-flow.ts'
import type { OAuthEndpoints } from './app.ts'
import { isOwnRequest } from './definition.ts'
import type { ProtocolOptions, OpenIdOptions } from './definition.ts'

/** The definition, with the endpoints that the composition gives instead. */
export function located(
  definition: ProtocolOptions & OpenIdOptions,
  { app }: FlowContext,
): ProtocolOptions & OpenIdOptions {
  const { accountsUrl, ...given } = (app['endpoints'] ?? {}) as OAuthEndpoints
  const elsewhere = Object.fromEntries(Object.entries(given).filter(([, url]) => url !== undefined))
  const { discover, revoke } = definition
  return {
    ...definition,
    ...elsewhere,
    ...(accountsUrl !== undefined && discover !== undefined && { discover: { ...discover, url: accountsUrl } }),
    ...(given.revocationUrl !== undefined &&
      isOwnRequest(revoke) && { revoke: { ...revoke, url: given.revocationUrl } }),
  }
}
