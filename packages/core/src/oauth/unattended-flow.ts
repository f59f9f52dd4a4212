import type { GrantFlow } from '../auth/grant-flow.ts'
import type { OAuth2Options } from './definition.ts'
import type { CredentialFields } from '../auth/credential-fields.ts'

/** What the vault has to know of a strategy that gets its grants without a person. */
export const unattendedFlow = (
  definition: OAuth2Options,
  load: GrantFlow['load'],
  app: { readonly fields: CredentialFields; readonly check: GrantFlow['app'] } = { fields: {}, check: () => ({}) },
): GrantFlow => ({
  habits: definition.habits ?? { rotation: 'keep' },
  renewal: 'obtain',
  scopes: definition.scopes ?? [],
  interactive: false,
  asksForAll: true,
  appFields: app.fields,
  app: app.check,
  explain: definition.explain,
  load,
})
