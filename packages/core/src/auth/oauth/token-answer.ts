import type { TokenRefusal } from './definition.ts'

type Members = Readonly<Record<string, unknown>>

/** A refusal in the standard's words; some servers say it with status 200. */
export function plainRefusal(body: unknown, status: number): TokenRefusal | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  const { error } = body
  if (typeof error !== 'string' || error === '') return undefined
  if (status < 400 && ('access_token' in body || 'device_code' in body)) return undefined
  const description = 'error_description' in body ? body.error_description : undefined
  return { error, description: typeof description === 'string' ? description : undefined }
}

/**
 * The members of an answer as RFC 6749 (section 5.1) has them: `null` is left out, numbers may be text, lists become
 * text, and what names no type is a bearer token. An id_token is judged elsewhere.
 */
export function normalMembers(given: unknown): Members {
  if (typeof given !== 'object' || given === null) return {}
  const { id_token: _judgedElsewhere, ...members } = given as Members
  const { token_type: type, scope, expires_in: life, refresh_token: refreshToken } = members
  return {
    ...members,
    token_type: typeof type === 'string' && type !== '' ? type : 'bearer',
    scope: Array.isArray(scope) ? scope.join(' ') : typeof scope === 'string' ? scope : undefined,
    // Nobody issues a token that has ended; 0 is how some say "never".
    expires_in: secondsIn(life),
    refresh_token: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  }
}

/** The members of RFC 8628, section 3.2; Google has a name of its own for one of them. */
export function normalDevice(given: unknown): Members {
  if (typeof given !== 'object' || given === null) return {}
  const { verification_url: url, ...members } = given as Members
  return {
    ...members,
    verification_uri: members['verification_uri'] ?? url,
    interval: secondsIn(members['interval']),
  }
}

/** A positive number of seconds, however it is written. */
export function secondsIn(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** Some servers answer with commas what was asked with spaces. */
export const scopesIn = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean)
