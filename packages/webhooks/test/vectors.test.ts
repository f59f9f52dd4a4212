import { describe, expect, it } from 'vitest'
import type { Verifier } from '@mcpclient/core/define'
import * as schemes from '../src/schemes.ts'
import { outcome, sent } from './sent.ts'
import type { Sent } from './sent.ts'

interface Vector {
  readonly name: string
  readonly scheme: Verifier
  readonly secret: string
  readonly request: Sent
  readonly now?: number
}

const FORM = 'application/x-www-form-urlencoded'
const TWILIO_URL = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const TWILIO_BODY = 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212'
const twilioForm = (name: string, url: string, signature: string): Vector => ({
  name,
  scheme: schemes.twilio(),
  secret: '12345',
  request: sent({ url, body: TWILIO_BODY, headers: { 'content-type': FORM, 'x-twilio-signature': signature } }),
})

// Published by the vendors, or computed with their documented scheme and a made-up secret.
const vectors: readonly Vector[] = [
  {
    name: 'GitHub (docs.github.com, validating webhook deliveries)',
    scheme: schemes.github(),
    secret: "It's a Secret to Everybody",
    request: sent({
      body: 'Hello, World!',
      headers: {
        'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
    }),
  },
  {
    name: 'Slack',
    scheme: schemes.slack(),
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    now: 1_531_420_618_000,
    request: sent({
      body: '{"type":"event_callback","event_id":"Ev08MFMKH6"}',
      headers: {
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': 'v0=649cd74419d0db312c74495a9d279048690dfc1dc085146872cdbe24409ff2ff',
      },
    }),
  },
  {
    name: 'Meta',
    scheme: schemes.meta(),
    secret: 'app_secret_1',
    request: sent({
      body: '{"object":"whatsapp_business_account","entry":[]}',
      headers: {
        'x-hub-signature-256': 'sha256=9853aa679e105b611af040e5124d90921ec5e9a7c1943e64a25b60dbb70e7a75',
      },
    }),
  },
  {
    name: 'Calendly',
    scheme: schemes.calendly(),
    secret: 'signing_key_1',
    now: 1_718_000_000_000,
    request: sent({
      body: '{"event":"invitee.created"}',
      headers: {
        'calendly-webhook-signature':
          't=1718000000,v1=c2ccc1b44f7d1824748e4e515b772cb8d2590a4f782d90f051b4c4225ca1dee9',
      },
    }),
  },
  ...['', 'hmacsha256='].map((prefix) => ({
    name: `LinkedIn, ${prefix === '' ? 'bare' : 'with its prefix'}`,
    scheme: schemes.linkedin(),
    secret: 'client_secret_1',
    request: sent({
      body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}',
      headers: { 'x-li-signature': `${prefix}7ab7fd43c16d9d46aaf788035ff69d6fd3100b59317e94cd95cdc07558dfffd8` },
    }),
  })),
  {
    name: 'Notion',
    scheme: schemes.notion(),
    secret: 'secret_verification_token',
    request: sent({
      body: '{"type":"page.created"}',
      headers: {
        'x-notion-signature': 'sha256=b4add5af17648da93b54ae0e1de6675de0ee750ea091234cdc895ddd4af4ffcd',
      },
    }),
  },
  {
    name: 'Asana',
    scheme: schemes.asana(),
    secret: 'b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81',
    request: sent({
      body: '{"events":[]}',
      headers: { 'x-hook-signature': '10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853' },
    }),
  },
  {
    name: 'Jira',
    scheme: schemes.jira(),
    secret: 'jira_secret_1',
    request: sent({
      body: '{"webhookEvent":"jira:issue_created"}',
      headers: { 'x-hub-signature': 'sha256=83ed868cd4fd58333fbb012ad0b26f9603d0e3b1d6d2fae9a50ee9c8107443cd' },
    }),
  },
  {
    name: 'HubSpot v3',
    scheme: schemes.hubspot(),
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    now: 1_718_000_000_000,
    request: sent({
      url: 'https://www.example.com/webhook_uri',
      body: '{"example_field":"example_value"}',
      headers: {
        'x-hubspot-request-timestamp': '1718000000000',
        'x-hubspot-signature-v3': 'rpo5lpwwUm5u3MI+xjoHForubfdafr2errTsWQG/PtQ=',
      },
    }),
  },
  {
    name: 'Mandrill',
    scheme: schemes.mandrill(),
    secret: 'webhook_key_1',
    request: sent({
      url: 'https://example.com/hooks/mandrill?x=1',
      body: 'mandrill_events=%5B%5D&a=1',
      headers: { 'x-mandrill-signature': 'j6x8mYIDll+/TWOm3TrhJ6Ph7/w=' },
    }),
  },
  twilioForm('Twilio form', TWILIO_URL, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='),
  twilioForm('Twilio form, signed with its port', TWILIO_URL, 'kvajT1Ptam85bY51eRf/AJRuM3w='),
  twilioForm(
    'Twilio form, http signed with port 80',
    TWILIO_URL.replace('https', 'http'),
    '0ZXoZLH/DfblKGATFgpif+LLRf4=',
  ),
  twilioForm(
    'Twilio form, on a port of its own',
    TWILIO_URL.replace('https', 'http').replace('.com', '.com:1234'),
    'Zmvh+3yNM1Phv2jhDCwEM3q5ebU=',
  ),
  {
    name: 'Twilio JSON',
    scheme: schemes.twilio(),
    secret: '12345',
    request: sent({
      url: `${TWILIO_URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`,
      body: '{"property": "value", "boolean": true}',
      headers: { 'content-type': 'application/json', 'x-twilio-signature': 'a9nBmqA0ju/hNViExpshrM61xv4=' },
    }),
  },
  {
    name: 'SendGrid',
    scheme: schemes.sendgrid(),
    secret:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    now: 1_600_112_502_000,
    request: sent({
      body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
      headers: {
        'x-twilio-email-event-webhook-timestamp': '1600112502',
        'x-twilio-email-event-webhook-signature':
          'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
      },
    }),
  },
  {
    name: 'Standard Webhooks, HMAC (OpenAI)',
    scheme: schemes.standardWebhooks(),
    secret: 'whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=',
    now: 1_750_861_210_000,
    request: sent({
      body: '{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, "type": "response.completed", "data": {"id": "resp_123"}}',
      headers: {
        'webhook-id': 'wh_685c059ae39c8190af8c71ed1022a24d',
        'webhook-timestamp': '1750861210',
        'webhook-signature': 'v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY=',
      },
    }),
  },
  {
    // The key pair of the seed TESTSIGNINGKEYDONOTUSETHISFORANY, from the tests of the Go library.
    name: 'Standard Webhooks, Ed25519',
    scheme: schemes.standardWebhooks(),
    secret: 'whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=',
    now: 1_614_265_330_000,
    request: sent({
      body: '{"test": 2432232314}',
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature':
          'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
      },
    }),
  },
]

describe('the vectors', () => {
  it.each(vectors)('verify: $name', async ({ scheme, secret, request, now }) => {
    expect(scheme.secretFault?.(secret)).toBeUndefined()
    expect(await outcome(scheme, [secret], request, now)).toBe('verified')
  })

  it('are refused for HubSpot v1 and v2, whose hashes can be extended', async () => {
    const old = [
      ['v1', '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de'],
      ['v2', '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900'],
      ['v2', 'eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e'],
    ] as const
    for (const [version, signature] of old) {
      const headers = { 'x-hubspot-signature': signature, 'x-hubspot-signature-version': version }
      const request = sent({ url: 'https://www.example.com/webhook_uri', headers })
      expect(await outcome(schemes.hubspot(), ['yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'], request)).toBe(
        'signature_missing',
      )
    }
  })
})
