import { TransportError } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import type { Transport } from '@mcpclient/core'
import { Report } from '@mcpclient/example-report'
import { smtpMailer } from '@mcpclient/smtp/node'
import { compose, notify } from './notify.ts'
import type { Subscriber } from './notify.ts'
import { startPeers } from './peers.ts'

/** Returns a network that can lose the response to a request that the provider has processed. */
function lossy(transport: Transport): Transport & { loseResponseTo(path: RegExp): void } {
  let losing: RegExp | undefined
  return {
    async send(request) {
      const response = await transport.send(request)
      if (losing?.test(request.url) !== true) return response
      losing = undefined
      await response.text()
      throw new TransportError('The connection was reset.', { sent: true })
    },
    close: () => transport.close?.() ?? Promise.resolve(),
    loseResponseTo(path) {
      losing = path
    },
  }
}

async function run(report: Report, leaveLater: (end: () => Promise<unknown>) => void): Promise<void> {
  report.title('One message, four channels', 'a real SMTP server, and emulators of Twilio and Slack')
  const peers = await startPeers()
  leaveLater(() => peers.close())
  const network = lossy(kyTransport())
  const asked: string[] = []
  leaveLater(async () => network.close?.())
  const mailer = smtpMailer()
  leaveLater(() => mailer.close())
  const mcp = compose({ ...peers.services, mailer }, network, {
    approve: ({ preview, toolName }) => {
      asked.push(preview ?? toolName)
      return true
    },
  })
  leaveLater(() => mcp.close())
  const retries: string[] = []
  mcp.on('request.retrying', ({ serverId }) => void retries.push(serverId))

  const { channels } = await mcp.as('ada').slack.call('list_channels', {})
  const ada: Subscriber = {
    tenant: 'ada',
    email: 'ada@example.com',
    phone: '+14155550100',
    channel: channels[0]?.id ?? '',
  }
  const received = async (text: string) => {
    const { messages: texts } = await mcp.as('ada').phone.call('list_messages', {})
    const { messages: posts } = await mcp.as('ada').slack.call('get_channel_history', { channel: ada.channel })
    const phones = texts.filter(({ body }) => body === text).map(({ to = '' }) => to)
    return {
      email: peers.mailbox.filter((message) => message.includes(text)).length,
      sms: phones.filter((to) => !to.startsWith('whatsapp:')).length,
      whatsapp: phones.filter((to) => to.startsWith('whatsapp:')).length,
      slack: posts.filter((post) => post.text?.includes(text) === true).length,
    }
  }
  const isOnceEach = (counts: Awaited<ReturnType<typeof received>>) =>
    Object.values(counts).every((count) => count === 1)

  report.chapter('All channels work')
  const low = 'The tide is out at 14:10.'
  const first = await notify(mcp, ada, { subject: 'Low water', text: low })
  report.note(JSON.stringify(first))
  report.claim(
    'each channel sent the message',
    Object.values(first).every(({ status }) => status === 'sent'),
  )
  report.claim('each provider has it once', isOnceEach(await received(low)))
  report.note(asked.join('\n'))
  report.claim(
    'an approver was shown a sentence for each of the four',
    asked.length === 4 &&
      asked.every((sentence) => sentence.includes('The tide is out') || sentence.includes('Low water')),
  )

  report.chapter('The mail server defers, and the response to the SMS is lost')
  const high = 'The tide is in at 20:25.'
  peers.deferMail()
  network.loseResponseTo(/Messages\.json$/)
  const second = await notify(mcp, ada, { subject: 'High water', text: high })
  report.note(JSON.stringify(second))
  report.claim(
    'the e-mail was sent again: the server had not accepted it',
    retries.includes('mail') && second.email.status === 'sent',
  )
  const uncertain = [second.sms, second.whatsapp].filter(({ status }) => status === 'unknown')
  report.claim(
    'one message is reported as unknown, and was not sent again',
    uncertain.length === 1 && !retries.includes('phone'),
  )
  report.claim('each provider has the second message once, too', isOnceEach(await received(high)))

  report.chapter('A wrong number')
  const wrong = await notify(mcp, { ...ada, phone: '+1' }, { subject: 'Neap tide', text: 'Small waves all week.' })
  report.claim(
    'it fails before anything is sent to it, and the other channels deliver',
    wrong.sms.status === 'failed' && wrong.email.status === 'sent' && wrong.slack.status === 'sent',
  )
}

const report = new Report()
const ends: (() => Promise<unknown>)[] = []
try {
  await run(report, (end) => ends.push(end))
  for (const end of ends.toReversed()) await end()
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
  await Promise.allSettled(ends.toReversed().map((end) => end()))
}
