import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { UserInfo } from '../shapes.ts'

export const members = {
  get_userinfo: tool({
    description: 'Get the member of the token: its id, name and e-mail address.',
    effect: 'read',
    scopes: ['openid', 'profile'],
    input: z.object({}),
    output: UserInfo,
    request: () => get('v2/userinfo'),
  }),
}
