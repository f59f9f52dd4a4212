import { expect, it } from 'vitest'
import { isSensitiveName } from '../../src/redaction/sensitive-name.ts'

it.each(
  [
    'authorization, Authorization, proxy-authorization, cookie, Set-Cookie, cookies, token, accessToken, access_token',
    'ACCESS_TOKEN, X-Access-Token, idToken, refresh_token, refreshToken, refresh, bot_token, authtoken, OAuthToken',
    'x-subscription-token, secret, client_secret, clientSecret, secrets, signing_secret, app_secret_proof, password',
    'Password, user_password, db_passwd, pwd, passphrase, pass, api_key, apiKey, apikey, x-api-key, X-API-Key, APIKey',
    'api-key, apiKeys, private_key, privateKey, privatekey, private_key_pem, secret_access_key, access_key_id, signingKey',
    'encryption_key, client_assertion, clientAssertion, assertion, code_verifier, codeVerifier, device_code, jwt',
    'credential, credentials, CREDENTIALS_KEYS, session_id, sessionId, Mcp-Session-Id, totp, otp, auth, token_v2, xoxToken',
    'x-amz-security-token, webhook_secret, verification_token, csrf-token, Ocp-Apim-Subscription-Key',
  ].flatMap((line) => line.split(', ')),
)('%s holds a secret', (name) => {
  expect(isSensitiveName(name)).toBe(true)
})

it.each(['tokens', 'max_tokens', 'maxTokens', 'total_tokens', 'prompt_tokens', 'refresh_tokens', 'accessTokens'])(
  '%s holds secrets, or counts them',
  (name) => {
    expect(isSensitiveName(name)).toBe('amounts')
  },
)

it.each(
  [
    'next_cursor, cursor, nextPageToken, page_token, nextSyncToken, syncToken, continuation_token, token_type, tokenType',
    'token_url, token_endpoint, tokenUri, token_expires_at, tokenCount, token_limit, client_secret_expires_at, secret_ref',
    'password_changed, passwordUpdatedAt, credential_type, cookie_name, authorization_url, authorizationEndpoint',
    'key, keys, id, public_key, idempotency_key, primaryKey, keyboard, monkey, tokenizer, secretary, code, state, scope',
    'compass, bypass, passed, passenger, author, authority, oauth_version, session, refreshInterval, refresh_url',
    'text, channel, user, name, email, expires_in, signature, nonce, laptop',
    '',
  ].flatMap((line) => line.split(', ')),
)('"%s" holds none', (name) => {
  expect(isSensitiveName(name)).toBe(false)
})

it('judges an overlong name by its end', () => {
  expect(isSensitiveName(`${'Aa'.repeat(500_000)}_access_token`)).toBe(true)
  expect(isSensitiveName(`token_${'Aa'.repeat(500_000)}`)).toBe(false)
})
