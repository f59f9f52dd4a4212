import type { Attempt } from '../connector/call.ts'
import { redactText } from '../credentials/redact.ts'
import type { ConnectionRecord } from '../credentials/vault.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Gets the connection's credential ready. What it hands on is a function that signs: the credential itself stays
 * inside, so no stage, log or error can print it.
 */
export const authorize: StageFor<RequestStage> = ({ profile: { auth }, vault }) => {
  if (Object.keys(auth.fields).length === 0) return undefined
  const prepare = (attempt: Attempt, { credential }: ConnectionRecord) => {
    attempt.sign = (request) => auth.sign(request, credential)
  }
  return (next) => {
    const go = (attempt: Attempt, record: ConnectionRecord) => {
      prepare(attempt, record)
      return next(attempt).catch(async (error: unknown) => {
        // Another process may have replaced the credential since it was read here; a refused request was not processed.
        const failure = withoutSecrets(error, record)
        const newer = refused(error) ? await vault.newerThan(attempt.call.connection, record) : undefined
        if (newer === undefined) throw failure
        prepare(attempt, newer)
        return next(attempt).catch((again: unknown) => {
          throw withoutSecrets(again, newer)
        })
      })
    }
    return (attempt) => {
      const record = vault.find(attempt.call.connection)
      return record instanceof Promise ? record.then((found) => go(attempt, found)) : go(attempt, record)
    }
  }
}

const refused = (error: unknown): boolean => ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'

/** Some providers repeat a bad token in their answer, and a profile may pass that on. */
function withoutSecrets(error: unknown, { credential }: ConnectionRecord): unknown {
  if (!ConnectorError.is(error)) return error
  const said = JSON.stringify([error.message, error.details])
  if (redactText(said, Object.values(credential)) === said) return error
  const clean = (text: string | undefined) => text && redactText(text, Object.values(credential))
  const { hint, providerCode, ...details } = error.details
  return new ConnectorError(
    error.code,
    redactText(error.message, Object.values(credential)),
    { ...details, hint: clean(hint), providerCode: clean(providerCode) },
    { cause: error },
  )
}
