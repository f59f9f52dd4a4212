import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { object, reads } from '../inputs.ts'
import { rowsOf } from '../requests.ts'
import { Limits, ObjectDescription, ObjectSummary, UserInfo } from '../shapes.ts'

/** The objects of an org, its limits and its user. */
export const org = {
  list_objects: tool({
    description: 'List the objects of the org, standard and custom, with what the user may do with their records.',
    ...reads,
    input: z.object({}),
    output: z.object({ sobjects: z.array(ObjectSummary) }),
    request: () => get('sobjects'),
  }),
  describe_object: tool({
    description: 'Get the fields of an object with their types and picklist values, and the objects that refer to it.',
    ...reads,
    input: z.object({ object }),
    output: ObjectDescription,
    request: ({ object: kind }) => get(`${rowsOf(kind)}/describe`),
  }),
  get_limits: tool({
    description: 'Get how much of its limits the org has left: API requests in 24 hours, storage, e-mails.',
    ...reads,
    input: z.object({}),
    output: Limits,
    request: () => get('limits'),
  }),
  get_user_info: tool({
    description: 'Get the name, username, e-mail address and language of the user who connected.',
    effect: 'read',
    scopes: ['openid'],
    input: z.object({}),
    output: UserInfo,
    // It is beside the data API: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_using_userinfo_endpoint.htm
    request: () => get('../../oauth2/userinfo'),
  }),
}
