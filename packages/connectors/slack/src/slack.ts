import { defineConnector } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { accountOf } from './account-of.ts'
import { authorization } from './authorization.ts'
import {
  getChannel,
  getChannelHistory,
  getThreadReplies,
  joinChannel,
  listChannelMembers,
  listChannels,
  openConversation,
} from './conversation-tools.ts'
import { errors } from './errors.ts'
import { uploadFile } from './file-tools.ts'
import { deleteMessage, sendMessage, updateMessage } from './message-tools.ts'
import { addReaction, removeReaction } from './reaction-tools.ts'
import { call } from './requests.ts'
import { deleteScheduledMessage, listScheduledMessages, scheduleMessage } from './schedule-tools.ts'
import { searchMessages } from './search-tool.ts'
import { Settings } from './settings.ts'
import { findUserByEmail, getUser, listUsers } from './user-tools.ts'

const definition = defineConnector({
  id: 'slack',
  name: 'Slack',
  description: 'Read and write messages, channels and people of a Slack workspace.',
  docs: 'https://docs.slack.dev/apis/web-api/',
  baseUrl: 'https://slack.com/api/',
  // Uploads go to an address that files.getUploadURLExternal returns.
  hosts: ['files.slack.com'],
  auth: authorization,
  settings: Settings,
  errors,
  check: { request: call('auth.test'), account: accountOf },
  tools: {
    send_message: sendMessage,
    update_message: updateMessage,
    delete_message: deleteMessage,
    schedule_message: scheduleMessage,
    list_scheduled_messages: listScheduledMessages,
    delete_scheduled_message: deleteScheduledMessage,
    list_channels: listChannels,
    get_channel: getChannel,
    list_channel_members: listChannelMembers,
    get_channel_history: getChannelHistory,
    get_thread_replies: getThreadReplies,
    join_channel: joinChannel,
    open_conversation: openConversation,
    list_users: listUsers,
    get_user: getUser,
    find_user_by_email: findUserByEmail,
    upload_file: uploadFile,
    add_reaction: addReaction,
    remove_reaction: removeReaction,
    search_messages: searchMessages,
  },
})

/** The tools, settings and credential of Slack, under one name for editors. */
export interface SlackTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to Slack's Web API, for users who install the app or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { slack: slack({ token: env.SLACK_BOT_TOKEN, defaultChannel: 'C024BE91L' }) } })
 * await mcp.as('ada').slack.call('send_message', { text: 'Stand-up in five.' })
 */
export const slack: NamedFactory<typeof definition, SlackTypes> = definition
