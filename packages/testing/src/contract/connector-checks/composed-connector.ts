import type { Connector } from '@mcpclient/core'
import type { ContractSubject } from './subject.ts'

/** The tenant whose credential the contract uses. */
export const TENANT = 'ada'

/** Composes the connector with a credential of the app and with settings, as a host does. */
export const composed = (
  { factory, options, settings, credentialOf }: ContractSubject,
  own: object | undefined,
): Connector => factory({ ...options, ...settings, ...own, ...credentialOf(TENANT) } as never)

/** Returns the settings of a call: those that follow from the credential, of the composition, and of the connection. */
export function settingsOf(subject: ContractSubject, own: object | undefined): object {
  const { factory, options, settings, credentialOf } = subject
  const { auth } = factory.profile
  if (auth.holders.includes('app')) return composed(subject, own).settings
  const connector = factory(options as never)
  const credential = credentialOf(TENANT)
  const implied = Object.entries(auth.settings ?? {}).map(([name, from]) => [name, from(credential)] as const)
  return connector.parseSettings({ ...Object.fromEntries(implied), ...connector.settings, ...settings, ...own })
}
