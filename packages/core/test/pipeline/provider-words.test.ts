import { describe, expect, it } from 'vitest'
import { providerWords } from '../../src/pipeline/provider-words.ts'

const deep = (levels: number): object => (levels === 0 ? { message: 'deep' } : { error: deep(levels - 1) })

describe('providerWords', () => {
  it.each([
    ['message', { message: 'title is too long (max 256)' }, 'title is too long (max 256)', undefined],
    ['error as a sentence', { error: 'The title is missing.' }, 'The title is missing.', undefined],
    ['error as a code', { ok: false, error: 'channel_not_found' }, undefined, 'channel_not_found'],
    [
      'OAuth',
      { error: 'invalid_request', error_description: 'redirect_uri is missing' },
      'redirect_uri is missing',
      'invalid_request',
    ],
    [
      'Stripe',
      { error: { message: 'No such customer', code: 'resource_missing', param: 'id' } },
      'id: No such customer',
      'resource_missing',
    ],
    [
      'Google',
      { error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' } },
      'The caller does not have permission',
      'PERMISSION_DENIED',
    ],
    [
      'Google with details',
      {
        error: {
          code: 400,
          message: 'API key not valid.',
          errors: [{ message: 'API key not valid.', reason: 'badRequest' }],
          status: 'INVALID_ARGUMENT',
        },
      },
      'API key not valid.',
      'badRequest',
    ],
    [
      'Microsoft',
      { error: { code: 'ErrorItemNotFound', message: 'The item was not found.' } },
      'The item was not found.',
      'ErrorItemNotFound',
    ],
    [
      'GitHub',
      { message: 'Validation Failed', errors: [{ resource: 'Issue', field: 'title', code: 'missing_field' }] },
      'Validation Failed; title: missing_field',
      'missing_field',
    ],
    ['GraphQL', { errors: [{ message: 'Unknown argument "x"' }] }, 'Unknown argument "x"', undefined],
    [
      'JSON:API',
      { errors: [{ status: '422', code: 'TOO_LONG', title: 'Invalid', detail: 'Too long a title' }] },
      'Too long a title',
      'TOO_LONG',
    ],
    [
      'Jira',
      { errorMessages: [], errors: { summary: 'A summary is required.' } },
      'summary: A summary is required.',
      undefined,
    ],
    ['Jira messages', { errorMessages: ['Issue does not exist'], errors: {} }, 'Issue does not exist', undefined],
    [
      'Laravel',
      { message: 'The data was invalid.', errors: { email: ['The email is taken.'] } },
      'email: The email is taken.; The data was invalid.',
      undefined,
    ],
    [
      'FastAPI',
      { detail: [{ loc: ['body', 'title'], msg: 'field required', type: 'value_error.missing' }] },
      'body.title: field required',
      'value_error.missing',
    ],
    ['Django', { detail: 'Not found.' }, 'Not found.', undefined],
    ['Tavily', { detail: { error: 'Query is missing.' } }, 'Query is missing.', undefined],
    [
      'Brave',
      {
        type: 'ErrorResponse',
        error: {
          status: 422,
          code: 'VALIDATION',
          detail: 'Unable to validate request parameter(s)',
          meta: { errors: [{ loc: ['query', 'count'], msg: 'less than 20' }] },
        },
      },
      'Unable to validate request parameter(s); query.count: less than 20',
      'VALIDATION',
    ],
    [
      'RFC 9457',
      {
        type: 'https://example.com/probs/out-of-credit',
        title: 'Out of credit.',
        detail: 'Your balance is 30.',
        status: 403,
      },
      'Your balance is 30.',
      'https://example.com/probs/out-of-credit',
    ],
    [
      'RFC 9457 with a title only',
      { type: 'about:blank', title: 'Out of credit.', status: 403 },
      'Out of credit.',
      undefined,
    ],
    [
      'Apigee',
      { fault: { faultstring: 'Invalid ApiKey', detail: { errorcode: 'oauth.v2.InvalidApiKey' } } },
      'Invalid ApiKey',
      'oauth.v2.InvalidApiKey',
    ],
    ['Salesforce', [{ message: 'No such column', errorCode: 'INVALID_FIELD' }], 'No such column', 'INVALID_FIELD'],
    [
      'HubSpot',
      { status: 'error', message: 'Property values were not valid', category: 'VALIDATION_ERROR' },
      'Property values were not valid',
      'VALIDATION_ERROR',
    ],
    ['Twilio', { code: 20003, message: 'Authenticate', status: 401 }, 'Authenticate', '20003'],
    ['capitals', { Message: 'Access denied', Code: 'AccessDenied' }, 'Access denied', 'AccessDenied'],
    ['msg', { msg: 'bad id' }, 'bad id', undefined],
    ['an object six levels deep', deep(5), 'deep', undefined],
    ['a list in a list', [[[[[{ message: 'Five levels down' }]]]]], 'Five levels down', undefined],
    ['a message of one word', { title: 'Gone' }, 'Gone', undefined],
    ['error_message with one word', { error_message: 'expired' }, 'expired', undefined],
    ['a code that looks like a message', { errors: 'not_found', detail: 'Try later.' }, 'Try later.', undefined],
    [
      'plain text',
      'Rate limit reached for this key.\nSlow down.',
      'Rate limit reached for this key.\nSlow down.',
      undefined,
    ],
  ])('finds the message of %s', (_name, body, message, code) => {
    expect(providerWords(body)).toEqual(
      code === undefined && typeof body === 'string' ? { message } : { message, code },
    )
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
    ['empty lists', { errors: [], error: [[]], message: '' }],
    ['a web page', '<!doctype html><title>502</title>'],
    ['XML', ' <?xml version="1.0"?><Error/>'],
    ['binary text', 'PK\u0003\u0004\uFFFD\uFFFD'],
    ['names of a prototype', JSON.parse('{"error":{"__proto__":{"message":"x y"}},"constructor":"y z"}')],
    ['an object that is one level too deep', deep(6)],
    ['too deep an object', deep(20)],
    ['too deep a list', [[[[[[{ message: 'deep' }]]]]]]],
    [
      'a getter that throws',
      {
        get message(): string {
          throw new Error('no')
        },
      },
    ],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a code under errors', { errors: 'not_found' }],
    ['the status in the place of a code', { code: 400, status: '400', error: true }],
  ])('finds no message in %s', (_name, body) => {
    expect(providerWords(body)).toEqual({})
  })

  it('limits its work on a huge body', () => {
    const body = { errors: Array.from({ length: 100_000 }, (_, at) => ({ message: `problem ${at}` })) }
    expect(providerWords(body).message).toBe('problem 0; problem 1; problem 2')
  })
})
