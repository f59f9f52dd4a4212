import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyRules, redactText } from '../../src/redaction/redact-text.ts'
import { rules } from '../../src/redaction/text-rules.ts'
import { toBase64, toBase64Url } from '../../src/encoding/base64.ts'

// Concatenated here, so that no secret scanner reports this file.
const tail = 'Q7w2Er5Ty8Ui1Op4As6D'
const [awsKey, awsKeyOfLetters] = ['Q7W2ER5TY8UI1OP4', 'QWERTYUIOPASDFGH']
const tokens: readonly string[] = [
  `xoxb-2401-${tail}`,
  `xoxp-2401-2402-${tail}`,
  `xoxa-2-${tail}`,
  `xoxr-${tail}`,
  `xoxs-${tail}`,
  `xoxe.xoxp-1-${tail}`,
  `xapp-1-A02-${tail}`,
  `sk-${tail}${tail}`,
  `sk-proj-${tail}_${tail}`,
  `sk-ant-api03-${tail}-${tail}AA`,
  `sk_live_${tail}`,
  `rk_test_${tail}`,
  `whsec_${tail}`,
  `ghp_${tail}${tail}`,
  `gho_${tail}${tail}`,
  `ghs_${tail}${tail}`,
  `ghu_${tail}${tail}`,
  `ghr_${tail}${tail}`,
  `github_pat_11${tail}_${tail}${tail}`,
  `glpat-${tail}`,
  `AKIA${awsKey}`,
  `AKIA${awsKeyOfLetters}`,
  `ASIA${awsKey}`,
  `ya29.a0${tail}_${tail}-${tail}`,
  `1//0g${tail}-${tail}`,
  `AIza${tail}${tail.slice(0, 13)}`,
  `GOCSPX-${tail}`,
  `SG.${tail}.${tail}-${tail}`,
  `pat-na1-${tail}-${tail}`,
  `ntn_${tail}${tail}`,
  `secret_${tail}${tail}`,
  `EAAG${tail}${tail}ZD`,
  `ATATT3x${tail}=AB12`.slice(0, -5),
  `shpat_${tail}`,
  `lin_api_${tail}`,
  `npm_${tail}${tail}`,
  `hf_${tail}`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${tail}`,
  `eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.`,
  `eyJhbGciOiJkaXIifQ..${tail}.${tail}.${tail}`,
  `hooks.slack.com/services/T024/B024/${tail}`,
  `discord.com/api/webhooks/1234/${tail}`,
  `-----BEGIN PRIVATE KEY-----\n${tail}\n${tail}==\n-----END PRIVATE KEY-----`,
  `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${tail}\n-----END RSA PRIVATE KEY-----`,
]

describe('a credential with a recognizable shape', () => {
  it.each(tokens)('is removed anywhere: %s', (token) => {
    const places = [
      token,
      `The answer was ${token}`,
      `(${token})`,
      `"${token}",`,
      `'${token}'`,
      `<${token}>`,
      `line\n${token}\nline`,
      JSON.stringify({ text: `line\n${token}\n` }),
      `x=${token}&y=1`,
      `https://example.com/${token}/more`,
      `see https://example.com/?q=${token}#part`,
      `q%3D${token}%26`,
      JSON.stringify({ text: `\nBearer ${token}` }),
    ]
    for (const place of places) {
      const cleaned = redactText(place)
      expect(cleaned, place).not.toContain(tail.slice(0, 8))
      expect(cleaned, place).not.toContain(token)
      expect(cleaned, place).toContain('[redacted]')
    }
  })

  it('leaves the words around it', () => {
    expect(redactText(`Slack refused xoxb-2401-${tail}. Connect again.`)).toBe(
      'Slack refused [redacted]. Connect again.',
    )
    expect(redactText(`Key 1: AKIA${awsKey}, key 2: none`)).toBe('Key 1: [redacted], key 2: none')
  })

  it('is removed to the end if it is a truncated private key', () => {
    expect(redactText(`before -----BEGIN EC PRIVATE KEY-----\n${tail}\n`)).toBe('before [redacted]')
  })

  it('is removed with its escaped line ends if it is a private key in JSON', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${tail}\n-----END PRIVATE KEY-----\n`
    const cleaned = redactText(JSON.stringify({ type: 'service_account', pem: key, id: 'a' }))
    expect(cleaned).not.toContain(tail)
    expect(cleaned).toMatch(/"type":"service_account".*"id":"a"/)
  })
})

describe('a secret next to a sensitive name', () => {
  const secret = 'hunter2hunter2'
  it.each([
    ['Authorization: Bearer hunter2hunter2', 'Authorization: [redacted]'],
    ['authorization: token hunter2hunter2\nAccept: */*', 'authorization: [redacted]\nAccept: */*'],
    ['Proxy-Authorization: Basic aHVudGVyMmh1bnRlcjI=', 'Proxy-Authorization: [redacted]'],
    ["curl -H 'Authorization: Custom hunter2hunter2' https://x.io", "curl -H 'Authorization: [redacted]' https://x.io"],
    ['sent Bearer hunter2hunter2 to the host', 'sent Bearer [redacted] to the host'],
    ['sent bearer%20hunter2hunter2', 'sent bearer%20[redacted]'],
    ['Basic dXNlcjpodW50ZXIyaHVudGVyMg==', 'Basic [redacted]'],
    ['Basic dXNlcjpwYXNz', 'Basic [redacted]'],
    ['Cookie: a=hunter2hunter2; b=hunter2hunter2\r\nHost: x', 'Cookie: [redacted]\r\nHost: x'],
    ['Set-Cookie: sid=hunter2hunter2; Path=/; HttpOnly', 'Set-Cookie: [redacted]'],
    ['X-Api-Key: hunter2hunter2', 'X-Api-Key: [redacted]'],
    ['X-Subscription-Token: hunter2hunter2', 'X-Subscription-Token: [redacted]'],
    ['https://x.io/cb?access_token=hunter2hunter2&lang=de', 'https://x.io/cb?access_token=[redacted]&lang=de'],
    ['https://x.io/cb#id_token=hunter2hunter2', 'https://x.io/cb#id_token=[redacted]'],
    ['https://x.io/cb?code=hunter2hunter2&state=1', 'https://x.io/cb?code=[redacted]&state=1'],
    [
      'https://x.io/f?X-Amz-Signature=hunter2hunter2&X-Amz-Date=1',
      'https://x.io/f?X-Amz-Signature=[redacted]&X-Amz-Date=1',
    ],
    ['https://x.io/f?sv=1&sig=hunter2hunter2', 'https://x.io/f?sv=1&sig=[redacted]'],
    ['client_id=a&client_secret=hunter2hunter2', 'client_id=a&client_secret=[redacted]'],
    ['client_secret=hunter2hunter2&client_id=a', 'client_secret=[redacted]&client_id=a'],
    ['api_key=hunter2hunter2', 'api_key=[redacted]'],
    ['code_verifier=hunter2hunter2&code=hunter2hunter2', 'code_verifier=[redacted]&code=[redacted]'],
    ['user[password]=hunter2hunter2&user[name]=a', 'user[password]=[redacted]&user[name]=a'],
    ['user%5Bpassword%5D=hunter2hunter2', 'user%5Bpassword%5D=[redacted]'],
    [
      'to=https%3A%2F%2Fx.io%2Fcb%3Faccess_token%3Dhunter2hunter2%26lang%3Dde&n=1',
      'to=https%3A%2F%2Fx.io%2Fcb%3Faccess_token%3D[redacted]%26lang%3Dde&n=1',
    ],
    ['https://ada:hunter2hunter2@x.io/path', 'https://[redacted]@x.io/path'],
    ['postgres://app:hunter2@hunter2@db:5432/app', 'postgres://[redacted]@db:5432/app'],
    ['https://hunter2hunter2@x.io', 'https://[redacted]@x.io'],
    ['"https:\\/\\/ada:hunter2hunter2@x.io"', '"https:\\/\\/[redacted]@x.io"'],
    ['{"access_token":"hunter2hunter2","expires_in":3600}', '{"access_token":"[redacted]","expires_in":3600}'],
    ['{"a":{"refreshToken": "hunter2\\"hunter2"}}', '{"a":{"refreshToken": "[redacted]"}}'],
    ['{"password":1234567890,"n":1}', '{"password":[redacted],"n":1}'],
    ['{"secrets":["hunter2hunter2",{"a":"hunter2hunter2"}],"n":1}', '{"secrets":[redacted],"n":1}'],
    ['{"credentials":{"user":"ada","x":["hunter2hunter2"]}}', '{"credentials":[redacted]}'],
    [
      JSON.stringify({ body: '{"client_secret":"hunter2\\"hunter2","n":1}' }),
      String.raw`{"body":"{\"client_secret\":\"[redacted]\",\"n\":1}"}`,
    ],
    ["{ accessToken: 'hunter2hunter2', id: 'a' }", "{ accessToken: '[redacted]', id: 'a' }"],
    ['password = "hunter2 hunter2"', 'password = "[redacted]"'],
    ['password: hunter2', 'password: [redacted]'],
    ['DB_PASSWORD=hunter2hunter2 node main.js', 'DB_PASSWORD=[redacted] node main.js'],
    ['token="hunter2hunter2', 'token="[redacted]'],
    [String.raw`{"body":"a=1\napi_key=hunter2hunter2"}`, String.raw`{"body":"a=1\napi_key=[redacted]"}`],
    ['{"a":"hidden","tokens":["hunter2hunter2"', '{"a":"hidden","tokens":[redacted]'],
  ])('%s', (text, cleaned) => {
    expect(redactText(text)).toBe(cleaned)
    expect(redactText(text)).not.toContain(secret)
    // Redacted text stays the same.
    expect(redactText(cleaned)).toBe(cleaned)
  })
})

describe('ordinary text is unchanged', () => {
  it.each([
    'the token expired',
    'The access token expired at 09:30; refresh it or connect the account again.',
    'Invalid token: the signature is wrong.',
    'invalid_grant: token has been expired or revoked',
    'password: must have at least 8 characters',
    'Your password: please choose another one.',
    'Bearer authentication is required, and Basic authentication is not supported.',
    'Use a bearer token, not a cookie.',
    'The Basic plan allows 10 requests; the Negotiate header is missing.',
    'Authorization: required for this endpoint',
    'Set the cookie: it is needed.',
    'This secret is safe with me; its key is under the mat.',
    'Get a token: https://api.slack.com/apps',
    '{"token_type":"bearer","expires_in":3600,"scope":"chat:write"}',
    '{"max_tokens":500,"usage":{"total_tokens":12,"prompt_tokens":5},"tokens":17}',
    '{"next_cursor":"dXNlcjpVMDYxTkZUVDI=","nextPageToken":"CAUQAA12345678"}',
    '{"token":null,"password":"","has_secret":true,"api_key":false}',
    'max_tokens=500&tokens=3&token_type=bearer',
    'grant_type=authorization_code&redirect_uri=https%3A%2F%2Fx.io%2Fcb',
    'error=access_denied&error_description=The+user+denied+the+request',
    'https://api.example.com/v1/items?cursor=abc123def456&limit=5',
    'https://medium.com/@ada/about-tokens and https://unpkg.com/zod@4.0.0/index.js',
    'mail ada@example.com or see git@github.com:ada/repo.git',
    'exit code=1, error code: 42, https://x.io/errors#code',
    'Failed with ECONNRESET at TLSSocket.onread (node:internal/stream:209:20)',
    'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b, id 3d813cbb-47fb-32ba-91df-831e1593ac29',
    'sk-learn, sk-loading-indicator-large, eyJ is how a JWT begins, ghp_ is a prefix',
    'secret_sauce, npm_config_registry, hf_hub_download',
    'Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324',
    'public_key=abc, keyboard=qwerty, monkey: banana1234, tokenizer=cl100k_base',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'C:\\Users\\ada\\cookies and /var/lib/secrets/readme.md',
    '{"text":"Der Zugang ist abgelaufen — bitte neu verbinden. 🙂"}',
    '',
  ])('%s', (text) => {
    expect(redactText(text)).toBe(text)
  })
})

describe('a known secret', () => {
  const secret = 'p@ss/wörd+"1"&\n\\end'
  const bytes = new TextEncoder().encode(secret)
  const basic = (text: string): string => toBase64(new TextEncoder().encode(text))

  it.each<[string, string]>([
    ['as it is', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    [
      'URL-encoded in small letters',
      encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(secret))],
    ['in a path', encodeURI(secret)],
    ['in a form', new URLSearchParams({ a: secret }).toString()],
    ['in JSON', JSON.stringify({ a: secret })],
    ['in JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: secret }) })],
    ['in JSON with escaped slashes', JSON.stringify({ a: secret }).replaceAll('/', '\\/')],
    ['in base64', toBase64(bytes)],
    ['in base64url', toBase64Url(bytes)],
    ['in base64 after a user name of one letter', basic(`a:${secret}`)],
    ['in base64 after a user name of two letters', basic(`ab:${secret}`)],
    ['in base64 after a user name of three letters', basic(`abc:${secret}`)],
    ['in base64 as the user name', basic(`${secret}:`)],
  ])('is removed %s', (_name, spelt) => {
    const cleaned = redactText(`before ${spelt} after`, [secret])
    expect(cleaned).toMatch(/^before .*\[redacted\].* after$/s)
    for (const piece of [
      'wörd',
      'w%C3%B6rd',
      'w%c3%b6rd',
      toBase64(bytes).slice(4, 12),
      toBase64Url(bytes).slice(4, 12),
    ]) {
      expect(cleaned).not.toContain(piece)
    }
  })

  it('is removed with all base64 around it, so that the rest of a user and password is removed, too', () => {
    expect(redactText(`sent ${basic('ada:correct horse')} on`, ['correct horse'])).toBe('sent [redacted] on')
  })

  it('is matched by the longest secret', () => {
    expect(redactText('key abcdef-long and abcdef', ['abcdef', 'abcdef-long'])).toBe('key [redacted] and [redacted]')
  })

  it('is matched literally, even with pattern characters', () => {
    expect(redactText('cost $1.00 (a|b)* and more', ['$1.00', '(a|b)*'])).toBe('cost [redacted] [redacted] and more')
    expect(redactText('a lone \uD800 half', ['lone \uD800'])).toBe('a [redacted] half')
  })

  it('is ignored if it is too short, or part of the mark', () => {
    expect(redactText('a b abc', ['a', 'abc', ''])).toBe('a b abc')
    expect(redactText('password=x1y2z3x1 redacted', ['redacted'])).toBe('password=[redacted] redacted')
  })

  it('is removed with the rest of a secret that contains it', () => {
    expect(redactText('password=hunter2-and-more&n=1', ['hunter2'])).toBe('password=[redacted]&n=1')
  })

  it('is removed in any encoding and any place', () => {
    const spellings: readonly ((text: string) => string)[] = [
      (text) => text,
      encodeURIComponent,
      (text) => JSON.stringify(text),
      (text) => new URLSearchParams([[text, text]]).toString(),
      (text) => basic(text),
      (text) => basic(`user:${text}`),
      (text) => toBase64Url(new TextEncoder().encode(`${text}:x`)),
      (text) => JSON.stringify({ a: [JSON.stringify({ b: text })] }),
    ]
    const anySecret = fc
      .string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 40 })
      .filter((text) => !'[redacted]'.includes(text))
    fc.assert(
      fc.property(anySecret, fc.constantFrom(...spellings), fc.string(), fc.string(), (text, spell, before, after) => {
        const spelt = spell(text)
        fc.pre(spelt.length >= 8)
        const cleaned = redactText(`${before} ${spelt} ${after}`, [text])
        expect(cleaned).not.toContain(spelt)
        expect(cleaned).toContain('[redacted]')
      }),
      { numRuns: 1000 },
    )
  })
})

it.each(['password: token=)hunter2-and-more', 'api_key: pwd=}x'])('leaves what it redacted in %s', (text) => {
  const once = redactText(text)
  expect(once).toContain('[redacted]')
  expect(redactText(once)).toBe(once)
})

it('is not redacted twice', () => {
  const pieces = fc.constantFrom(
    ...tokens,
    ...[
      'token=',
      'password: ',
      '"secret":"',
      "'",
      '"',
      '\\"',
      'Bearer ',
      'Cookie: a=b',
      ' ',
      '&',
      '\n',
      '://',
      '@',
      '[',
      '}',
      '.',
    ],
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }), (parts) => {
      const once = redactText(parts.join(''))
      expect(redactText(once)).toBe(once)
    }),
    { numRuns: 2000 },
  )
})

describe('the work is linear in the length of the text', () => {
  const MEGABYTE = 1_048_576
  const hostile: readonly (readonly [string, string])[] = [
    ['a', 'a'],
    ['spaces', ' '],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['backslashes and quotes', '\\"'],
    ['names', 'token '],
    ['names and equals signs', 'token='],
    ['names and quotes', 'token="'],
    ['names and escaped quotes', 'token=\\"'],
    ['names in quotes', '"token":'],
    ['names and open brackets', '"token":['],
    ['brackets', '"token":[{"token":'],
    ['long names', `${'a'.repeat(127)}=`],
    ['too long names', `${'a'.repeat(200)} = `],
    ['percent signs', '%3D'],
    ['names in escapes', '%26token%3D'],
    ['schemes', 'Bearer '],
    ['scheme after scheme', 'Bearer%20'],
    ['beginnings of tokens', 'sk-'],
    ['beginnings of tokens with dots', 'SG.'],
    ['beginnings of web tokens', 'eyJ'],
    ['beginnings of web tokens with dots', 'eyJ.'],
    ['almost web tokens', 'eyJhbGciOiJ.'],
    ['almost web tokens, and dashes', '-eyJhbGciOiJ'],
    ['escapes and beginnings of tokens', '\\neyJ'],
    ['beginnings of private keys', '-----BEGIN PRIVATE KEY'],
    ['almost beginnings of private keys', '-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['ends of private keys', '-----BEGIN PRIVATE KEY-----END '],
    ['addresses', 'https://'],
    ['addresses and at signs', '://a@'],
    ['at signs', '@'],
    ['header lines', 'Cookie: a=b\n'],
    ['header names', 'Authorization: '],
    ['header names and words', 'Authorization: a '],
    ['header names without a space', 'Authorization:'],
    ['cookie names', 'cookie:'],
    ['names and colons', 'token:'],
    ['names of amounts', 'tokens=1'],
    ['names of amounts and quotes', `tokens="${'1'.repeat(64)} `],
    ['names of amounts and both quotes', `tokens="1'tokens='1"`],
    ['schemes and plus signs', 'Bearer+'],
    ['hooks', 'hooks.slack.com/services/'],
    ['digits and letters', 'a1'],
    ['dots', '.'],
    ['dashes', '-'],
  ]

  it.each(hostile)('for a megabyte of %s', (_name, piece) => {
    const text = piece.repeat(Math.ceil(MEGABYTE / piece.length)).slice(0, MEGABYTE)
    for (const input of [text, `token='${text}`]) {
      let spent = 0
      applyRules(input, (characters) => {
        spent += characters
      })
      // Heads are bounded by their shape (see below). Each rule may read a character a few times.
      expect(spent).toBeLessThan(4 * rules.length * input.length)
    }
  })

  it('because no head has an unbounded or nested repetition', () => {
    for (const { head } of rules) {
      const withoutClasses = head.source.replaceAll(/\\./g, '_').replaceAll(/\[[^\]]*\]/g, '_')
      expect(withoutClasses).not.toMatch(/[*+]|\{\d+,\}/)
      expect(withoutClasses).not.toMatch(/[?}]\)(?:[?]|\{)/)
      for (const [, most] of withoutClasses.matchAll(/\{(?:\d+,)?(\d+)\}/g))
        expect(Number(most)).toBeLessThanOrEqual(128)
    }
  })

  it('for a megabyte of known secrets, which is searched in pieces', () => {
    const secret = 'abcdefgh'
    const text = `${toBase64(new TextEncoder().encode(secret.repeat(3)))} `.repeat(20_000)
    expect(redactText(text, [secret])).toBe('[redacted] '.repeat(20_000))
  })
})
