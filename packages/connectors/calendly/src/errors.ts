import { errorTable } from '@mcpclient/core/define'

// The titles of errors are those of their status. Source: https://developer.calendly.com/api-docs
export const errors = errorTable(
  { message: 'message' },
  {
    400: { hint: 'Correct what the message names. Times have to be in the future, in a range that the tool allows.' },
    403: {
      hint: 'Check the scopes of the token, and whether the user may do this: the plan or the role can forbid it.',
    },
    404: { hint: 'Check the URI: there is no such resource, or this user cannot see it.' },
  },
)
