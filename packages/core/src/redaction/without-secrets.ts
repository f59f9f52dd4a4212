import { carryPartial, ConnectorError } from '../errors/connector-error.ts'
import { redactText } from './redact-text.ts'

/** Returns the failure without secrets that the provider repeated, or the same object if there are none. */
export function withoutSecrets(error: ConnectorError, secrets: readonly string[]): ConnectorError
export function withoutSecrets(error: unknown, secrets: readonly string[]): unknown
export function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!ConnectorError.is(error)) return error
  const shown = JSON.stringify([error.message, error.details])
  if (redactText(shown, secrets) === shown) return error
  const clean = (text: string | undefined) => text && redactText(text, secrets)
  const { hint, path, providerCode, providerMessage, reason, issues, choices, ...details } = error.details
  const redacted = new ConnectorError(
    error.code,
    redactText(error.message, secrets),
    {
      ...details,
      hint: clean(hint),
      path: clean(path),
      providerCode: clean(providerCode),
      providerMessage: clean(providerMessage),
      reason: clean(reason),
      // The names in a response come from the provider too.
      issues: issues?.map(({ path, message }) => ({
        path: redactText(path, secrets),
        message: redactText(message, secrets),
      })),
      choices: choices?.map((choice) => redactText(choice, secrets)),
    },
    { cause: error },
  )
  return carryPartial(error, redacted)
}
