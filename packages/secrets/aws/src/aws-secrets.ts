import { ConnectorError } from '@mcpclient/core'
import type { SecretSource } from '@mcpclient/core/secrets'
import { awsFailure } from './aws-failure.ts'

/** The method of the `SecretsManagerClient` of [AWS](https://www.npmjs.com/package/@aws-sdk/client-secrets-manager). */
export interface SecretsManager {
  send(command: never): Promise<unknown>
}

/**
 * Reads `aws-sm:name` and `aws-sm:name#jsonKey` references: the current version of a secret in AWS Secrets Manager, or
 * one field of a secret that is a JSON object, as the console creates them. The name may be an ARN.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 *
 * Needs the permission `secretsmanager:GetSecretValue`, and `kms:Decrypt` if the secret has its own key.
 *
 * @param client with region and credentials; it retries as configured
 */
export function awsSecrets(client: SecretsManager): SecretSource {
  const reading = new Map<string, Promise<unknown>>()
  // Fields that are read together come from one response, so that user and password have the same version.
  const readOnce = (name: string): Promise<unknown> => {
    const running = reading.get(name)
    if (running !== undefined) return running
    const answer = getSecretValue(client, name).finally(() => reading.delete(name))
    reading.set(name, answer)
    return answer
  }
  return {
    scheme: 'aws-sm',
    async read(reference) {
      const [name = '', key] = reference.split(/#(.*)/)
      if (name === '') throw refusal(reference, 'names no secret', 'Write aws-sm:name or aws-sm:name#jsonKey.')
      let answer: unknown
      try {
        answer = await readOnce(name)
      } catch (error) {
        throw awsFailure(reference, error)
      }
      const text =
        typeof answer === 'object' && answer !== null && 'SecretString' in answer ? answer.SecretString : undefined
      if (typeof text !== 'string') {
        throw refusal(reference, 'holds bytes', 'Store the secret as text, binary secrets in base64.')
      }
      return key === undefined ? text : fieldOf(reference, text, key)
    },
  }
}

/** Loads the command with the first read, because it imports the whole client, which the host has loaded by then. */
async function getSecretValue(client: SecretsManager, name: string): Promise<unknown> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager')
  return client.send(new GetSecretValueCommand({ SecretId: name }) as never)
}

function fieldOf(reference: string, text: string, key: string): string {
  const fields = parsed(text)
  if (fields === undefined) {
    throw refusal(reference, 'is no JSON object', 'Leave out #, or store the secret as key/value pairs.')
  }
  if (!Object.hasOwn(fields, key)) {
    const names = Object.keys(fields)
    throw new ConnectorError('CONFIGURATION_ERROR', `aws-sm:${reference} has no such field.`, {
      hint: `Write the name of a field behind #: ${names.join(', ') || 'the secret has none yet'}.`,
      choices: names,
    })
  }
  const value = fields[key]
  if (typeof value === 'string') return value
  throw refusal(reference, 'is no text', 'Store the field as a string.')
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // The message of a parser begins with the parsed string.
    return undefined
  }
}

const refusal = (reference: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `aws-sm:${reference} ${problem}.`, { hint })
