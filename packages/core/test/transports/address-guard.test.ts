import { describe, expect, it } from 'vitest'
import { addressKind, mayBeContacted } from '../../src/transports/address-guard.ts'

/** Returns the host as the URL parser spells it. */
const hostOf = (url: string): string => new URL(url).hostname

describe('a private or special address', () => {
  it.each([
    ['loopback', 'https://localhost/'],
    ['loopback', 'https://LOCALHOST/'],
    ['loopback', 'https://localhost./'],
    ['loopback', 'https://api.localhost/'],
    ['loopback', 'https://api.localhost./'],
    ['loopback', 'https://localhost.localdomain/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback', 'https://127.0.0.1./'],
    ['loopback', 'https://127.1/'],
    ['loopback', 'https://127.255.255.254/'],
    ['loopback', 'https://2130706433/'],
    ['loopback', 'https://0x7f000001/'],
    ['loopback', 'https://0x7f.0.0.1/'],
    ['loopback', 'https://0177.0.0.1/'],
    ['loopback', 'https://017700000001/'],
    ['loopback', 'https://１２７.0.0.1/'],
    ['loopback', 'https://[::1]/'],
    ['loopback', 'https://[0:0:0:0:0:0:0:1]/'],
    ['loopback', 'https://[::ffff:127.0.0.1]/'],
    ['loopback', 'https://[::ffff:7f00:1]/'],
    ['loopback', 'https://[::ffff:0:127.0.0.1]/'],
    ['loopback', 'https://[::127.0.0.1]/'],
    ['loopback', 'https://[64:ff9b::127.0.0.1]/'],
    ['loopback', 'https://[2002:7f00:1::]/'],
    ['private', 'https://10.0.0.5/'],
    ['private', 'https://172.16.0.1/'],
    ['private', 'https://172.31.255.255/'],
    ['private', 'https://192.168.1.1/'],
    ['private', 'https://100.64.0.1/'],
    ['private', 'https://100.127.255.255/'],
    ['private', 'https://198.18.0.1/'],
    ['private', 'https://198.19.255.255/'],
    ['private', 'https://[fd00::1]/'],
    ['private', 'https://[fc00::1]/'],
    ['private', 'https://[fdff:ffff::1]/'],
    ['private', 'https://[fec0::1]/'],
    ['private', 'https://[::ffff:10.0.0.1]/'],
    ['private', 'https://[2002:c0a8:101::1]/'],
    ['private', 'https://printer.local/'],
    ['private', 'https://db.internal/'],
    ['private', 'https://db.internal./'],
    ['private', 'https://wiki.corp/'],
    ['private', 'https://nas.home.arpa/'],
    ['private', 'https://redis/'],
    ['reserved', 'https://0.0.0.0/'],
    ['reserved', 'https://0/'],
    ['reserved', 'https://0.1.2.3/'],
    ['reserved', 'https://169.254.169.254/'],
    ['reserved', 'https://2852039166/'],
    ['reserved', 'https://0xa9fea9fe/'],
    ['reserved', 'https://[::ffff:169.254.169.254]/'],
    ['reserved', 'https://[64:ff9b::a9fe:a9fe]/'],
    ['reserved', 'https://169.254.0.1/'],
    ['reserved', 'https://192.0.0.192/'],
    ['reserved', 'https://100.100.100.200/'],
    ['reserved', 'https://168.63.129.16/'],
    ['reserved', 'https://224.0.0.1/'],
    ['reserved', 'https://239.255.255.255/'],
    ['reserved', 'https://240.0.0.1/'],
    ['reserved', 'https://255.255.255.255/'],
    ['reserved', 'https://[::]/'],
    ['reserved', 'https://[fe80::1]/'],
    ['reserved', 'https://[febf::1]/'],
    ['reserved', 'https://[ff02::1]/'],
    ['reserved', 'https://[fd00:ec2::254]/'],
    ['reserved', 'https://[64:ff9b:1::1]/'],
    ['reserved', 'https://[2001::1]/'],
    ['reserved', 'https://metadata.google.internal/'],
  ])('is %s in the spelling %s', (kind, url) => {
    expect(addressKind(hostOf(url))).toBe(kind)
    expect(mayBeContacted(hostOf(url))).toBe(false)
  })

  it.each([
    'https://example.com/',
    'https://8.8.8.8/',
    'https://1.1.1.1/',
    'https://100.63.255.255/',
    'https://100.128.0.1/',
    'https://172.15.0.1/',
    'https://172.32.0.1/',
    'https://192.0.1.1/',
    'https://198.17.255.255/',
    'https://198.20.0.1/',
    'https://223.255.255.255/',
    'https://[2606:4700::1111]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::808:808]/',
    'https://[2002:808:808::1]/',
    'https://localhost.example/',
    'https://notlocalhost.com/',
    'https://internal.example.com/',
    'https://10.example.com/',
    'https://xn--bcher-kva.example/',
  ])('is not %s', (url) => {
    expect(addressKind(hostOf(url))).toBeUndefined()
    expect(mayBeContacted(hostOf(url))).toBe(true)
  })

  it.each([
    ['reserved', '0.0.0.0', '0.255.255.255'],
    ['private', '10.0.0.0', '10.255.255.255'],
    ['private', '100.64.0.0', '100.100.100.199'],
    ['reserved', '100.100.100.200', '100.100.100.200'],
    ['private', '100.100.100.201', '100.127.255.255'],
    ['loopback', '127.0.0.0', '127.255.255.255'],
    ['reserved', '168.63.129.16', '168.63.129.16'],
    ['reserved', '169.254.0.0', '169.254.255.255'],
    ['private', '172.16.0.0', '172.31.255.255'],
    ['reserved', '192.0.0.0', '192.0.0.255'],
    ['private', '192.168.0.0', '192.168.255.255'],
    ['private', '198.18.0.0', '198.19.255.255'],
    ['reserved', '224.0.0.0', '239.255.255.255'],
    ['reserved', '240.0.0.0', '255.255.255.255'],
    ['private', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['private', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '64:ff9b:0:0:0:1::', '64:ff9b:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '100::', '100::ffff:ffff:ffff:ffff'],
    ['reserved', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('is %s from %s to %s', (kind, first, last) => {
    expect(addressKind(first)).toBe(kind)
    expect(addressKind(last)).toBe(kind)
  })

  it.each([
    ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ...['168.63.129.15', '168.63.129.17', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0'],
    ...['191.255.255.255', '192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
    ...['223.255.255.255', '63:ffff::1', '64:ff9a::1', '64:ff9c::1', 'ff:ffff::1', '100:0:0:1::', '101::'],
    ...['2000:ffff::1', '2001:1::', 'fbff:ffff::1', 'fe00::', 'fe7f:ffff::1'],
  ])('is not %s, which lies next to a range', (address) => {
    expect(addressKind(address)).toBeUndefined()
  })

  it.each(['127.0.0.1', '::1', 'fe80::1%eth0', '::ffff:10.0.0.1', '169.254.169.254'])(
    'is detected as DNS returns it: %s',
    (address) => {
      expect(addressKind(address)).toBeDefined()
    },
  )

  it('is allowed to a host of the same kind, unless it is reserved', () => {
    expect(mayBeContacted('127.0.0.1', { namedBy: 'localhost' })).toBe(true)
    expect(mayBeContacted('10.0.0.2', { namedBy: 'mcp.internal' })).toBe(true)
    expect(mayBeContacted('127.0.0.1', { namedBy: 'mcp.internal' })).toBe(false)
    expect(mayBeContacted('10.0.0.2', { namedBy: '127.0.0.1' })).toBe(false)
    expect(mayBeContacted('169.254.169.254', { namedBy: '169.254.169.254' })).toBe(false)
  })

  it('can be allowed by the app', () => {
    const allowed = ['10.0.0.5', '*.corp.internal', 'fd00::7', 'LOCALHOST']
    for (const host of ['10.0.0.5', 'mcp.corp.internal', 'mcp.corp.internal.', '[fd00::7]', 'localhost']) {
      expect(mayBeContacted(host, { allowed })).toBe(true)
    }
    for (const host of ['10.0.0.6', 'corp.internal', 'evilcorp.internal', '127.0.0.1', '[fd00::8]']) {
      expect(mayBeContacted(host, { allowed })).toBe(false)
    }
  })
})
