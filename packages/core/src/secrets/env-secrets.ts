import { ConnectorError } from '../errors/connector-error.ts'
import type { SecretSource } from './secret-source.ts'

/**
 * Reads `env:NAME` references.
 * @param variables where they are: `process.env`, `Deno.env.toObject()`, the `env` of a worker. Asked anew each time.
 */
export function envSecrets(variables: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    scheme: 'env',
    async read(name) {
      // Without `hasOwn`, env:constructor would be there.
      const secret = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (secret !== undefined) return secret
      throw new ConnectorError('CONFIGURATION_ERROR', `The environment variable ${name} is not set.`, {
        hint: `Set ${name} where the process is started.`,
      })
    },
  }
}
