import type { Grant } from '../../auth/grant.ts'

/** A token that was typed in, as the grant that it is. Its age and its end are not known. */
export function grantIn({ token, refreshToken }: Readonly<Record<string, string>>): Grant | undefined {
  return token === undefined ? undefined : { accessToken: token, refreshToken, issuedAt: 0 }
}
