import type { Account } from '@mcpclient/core/define'
import * as z from 'zod'

const Identity = z.object({ team_id: z.string(), user_id: z.string(), team: z.string(), user: z.string() })

/** Whose token it is, out of the answer of auth.test. A user's id is unique in its workspace only. */
export function accountOf(body: unknown): Account | undefined {
  const { data } = Identity.safeParse(body)
  return data && { id: `${data.team_id}:${data.user_id}`, name: `${data.user} in ${data.team}` }
}
