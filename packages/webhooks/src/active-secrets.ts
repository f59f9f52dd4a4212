import { ConnectorError } from '@mcpclient/core'
import type { Secrets, Verifier } from '@mcpclient/core/define'

/** More active secrets than these make each forged delivery expensive. */
const MAX_SECRETS = 5

/**
 * Checks the secrets of an endpoint: one value, or a list while one replaces another.
 * @param scheme checks their form as well
 * @throws ConnectorError CONFIGURATION_ERROR if there is none, or if one is empty, has whitespace at its ends, or does not
 *   fit the scheme. No error holds a secret.
 */
export function activeSecrets(value: string | readonly string[] | undefined, scheme?: Verifier): Secrets {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  const secrets = list.map((secret, at) =>
    checkedSecret(secret, list.length > 1 ? `secret ${at + 1}` : 'secret', scheme),
  )
  const [first, ...others] = secrets
  if (first === undefined)
    throw unusable('No webhook secret is set.', 'Pass the secret: without one, every sender would be accepted.')
  if (secrets.length > MAX_SECRETS) {
    throw unusable(
      `${secrets.length} webhook secrets are active at once.`,
      `Retire some: at most ${MAX_SECRETS} verify.`,
    )
  }
  return [first, ...others]
}

function checkedSecret(secret: unknown, name: string, scheme: Verifier | undefined): string {
  if (typeof secret !== 'string')
    throw unusable(`The webhook ${name} is no string.`, 'Pass it as the provider shows it.')
  if (secret.trim() === '')
    throw unusable(`The webhook ${name} is empty.`, 'Check the environment variable that holds it.')
  if (secret.trim() !== secret) {
    throw unusable(`The webhook ${name} begins or ends with whitespace.`, 'Remove it: pasted line breaks are common.')
  }
  const fault = scheme?.secretFault?.(secret)
  if (fault !== undefined) throw unusable(`The webhook ${name} ${fault}.`, 'Copy it from the provider again.')
  return secret
}

const unusable = (message: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', message, { hint })
