import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

export const Settings = z.object({
  /** Where send_message and schedule_message post when the call names no channel: an id such as `C024BE91L`. */
  defaultChannel: z.string().min(1).optional(),
})

export type Context = ToolContext<z.output<typeof Settings>>
