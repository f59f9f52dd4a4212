import type { Signer } from '../ports/credential-source.ts'
import type { Attempt } from './call.ts'
import { redactFailure } from './call.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Signs each attempt with the connection's credential. Stages, logs and errors get a signing function and never the
 * credential itself.
 */
export const authorize: StageFor<RequestStage> = ({ credentials, profile: { auth } }) => {
  if (Object.keys(auth.fields).length === 0 && auth.flow === undefined) return undefined
  return (next) => {
    const sendWith = (attempt: Attempt, signer: Signer) => {
      const { signers } = attempt.call.progress
      if (!signers.includes(signer)) signers.push(signer)
      attempt.signer = signer
      return next(attempt).catch((error: unknown) => {
        throw redactFailure(error, attempt.call)
      })
    }
    return (attempt) => {
      const { candidate } = attempt.call
      if (candidate !== undefined) return sendWith(attempt, candidate)
      return credentials.send(attempt, (signer) => sendWith(attempt, signer))
    }
  }
}
