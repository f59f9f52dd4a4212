/**
 * The quota units of each method. A user has 15,000 a minute, and the project 1,200,000.
 *
 * Source: https://developers.google.com/workspace/gmail/api/reference/quota
 */
export const costs = {
  getProfile: { cost: 1 },
  watch: { cost: 100 },
  stop: { cost: 50 },
  listHistory: { cost: 2 },
  listMessages: { cost: 5 },
  getMessage: { cost: 5 },
  sendMessage: { cost: 100 },
  modifyMessage: { cost: 5 },
  modifyMessages: { cost: 50 },
  getAttachment: { cost: 5 },
  listThreads: { cost: 10 },
  getThread: { cost: 10 },
  modifyThread: { cost: 10 },
  listLabels: { cost: 1 },
  createLabel: { cost: 5 },
  createDraft: { cost: 10 },
  updateDraft: { cost: 15 },
  listDrafts: { cost: 5 },
  getDraft: { cost: 5 },
  sendDraft: { cost: 100 },
  deleteDraft: { cost: 10 },
} as const
