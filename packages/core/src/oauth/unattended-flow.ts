import type { GrantFlow } from '../auth/grant-flow.ts'
import type { ProtocolOptions } from './definition.ts'
import type { CredentialFields } from '../auth/credential-fields.ts'

/** Builds the flow of a strategy that obtains grants without a user. */
export const unattendedFlow = (
  definition: ProtocolOptions,
  load: GrantFlow['load'],
  app: { readonly fields: CredentialFields; readonly check: GrantFlow['app'] } = { fields: {}, check: () => ({}) },
): GrantFlow => ({
  refresh: { ...definition.refresh, rotation: definition.refresh?.rotation ?? 'keep' },
  renewal: 'obtain',
  scopes: definition.scopes ?? [],
  interactive: false,
  covers: definition.covers,
  incrementalConsent: false,
  appFields: app.fields,
  app: app.check,
  load,
})
