import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkUrl, type UrlPolicy, type UrlReason } from './url-policy.ts'

const open: UrlPolicy = { ports: [80, 443, 8443], allowHttp: true, allowCidrs: [] }
const strict: UrlPolicy = { ports: [443], allowHttp: false, allowCidrs: [] }

/** Every line is a way that a filter somewhere was passed, or a way to write what must not be reached. */
const DENIED: readonly (readonly [url: string, reason: UrlReason])[] = [
  ['http://127.0.0.1/', 'address_blocked'],
  ['http://127.0.0.1:8443/', 'address_blocked'],
  ['http://127.255.255.254/', 'address_blocked'],
  ['http://0.0.0.0/', 'address_blocked'],
  ['http://10.0.0.1/', 'address_blocked'],
  ['http://172.16.0.1/', 'address_blocked'],
  ['http://192.168.1.1/', 'address_blocked'],
  ['http://100.64.0.1/', 'address_blocked'],
  ['http://169.254.169.254/latest/meta-data/', 'address_blocked'],
  ['http://168.63.129.16/', 'address_blocked'],
  ['http://100.100.100.200/', 'address_blocked'],
  ['http://192.0.0.192/', 'address_blocked'],
  ['http://224.0.0.1/', 'address_blocked'],
  ['http://255.255.255.255/', 'address_blocked'],
  ['http://203.0.113.7/', 'address_blocked'],
  ['http://[::1]/', 'address_blocked'],
  ['http://[::]/', 'address_blocked'],
  ['http://[0:0:0:0:0:0:0:1]/', 'address_blocked'],
  ['http://[::0001]:8443/', 'address_blocked'],
  ['http://[::ffff:127.0.0.1]/', 'address_blocked'],
  ['http://[::ffff:7f00:1]/', 'address_blocked'],
  ['http://[::FFFF:A9FE:A9FE]/', 'address_blocked'],
  ['http://[::127.0.0.1]/', 'address_blocked'],
  ['http://[::ffff:0:127.0.0.1]/', 'address_blocked'],
  ['http://[64:ff9b::7f00:1]/', 'address_blocked'],
  ['http://[64:ff9b::127.0.0.1]/', 'address_blocked'],
  ['http://[64:ff9b:1::7f00:1]/', 'address_blocked'],
  ['http://[2002:7f00:1::]/', 'address_blocked'],
  ['http://[2001::1]/', 'address_blocked'],
  ['http://[fd00:ec2::254]/', 'address_blocked'],
  ['http://[fe80::1]/', 'address_blocked'],
  ['http://[fec0::1]/', 'address_blocked'],
  ['http://[ff02::1]/', 'address_blocked'],
  ['http://[2001:db8::1]/', 'address_blocked'],
  ['http://[3fff::1]/', 'address_blocked'],
  ['http://[5f00::1]/', 'address_blocked'],
  ['http://[100::1]/', 'address_blocked'],
  ['http://0x7f.1/', 'address_spelling'],
  ['http://0x7f000001/', 'address_spelling'],
  ['http://2130706433/', 'address_spelling'],
  ['http://017700000001/', 'address_spelling'],
  ['http://0177.0.0.1/', 'address_spelling'],
  ['http://127.1/', 'address_spelling'],
  ['http://127.0.1/', 'address_spelling'],
  ['http://0/', 'address_spelling'],
  ['http://127.0.0.1./', 'address_spelling'],
  ['http://①②⑦.0.0.1/', 'address_spelling'],
  ['http://127。0。0。1/', 'address_spelling'],
  ['http://１２７.0.0.1/', 'address_spelling'],
  ['http://12\u00ad7.0.0.1/', 'address_spelling'], // a soft hyphen, which disappears
  ['http://0x8.8.8.8/', 'address_spelling'], // public, but another reader takes it for a name
  ['http://010.8.8.8/', 'address_spelling'], // 8.8.8.8 or 10.8.8.8, depending on the reader
  ['http://a@127.0.0.1/', 'userinfo'],
  ['http://a:b@example.com/', 'userinfo'],
  ['http://@127.0.0.1/', 'userinfo'],
  ['http://example.com%2f@127.0.0.1/', 'userinfo'],
  ['http://example.com:80@127.0.0.1/', 'userinfo'],
  ['http://a@127.0.0.1:80\\@example.com/', 'not_a_url'],
  ['http://example.com\\@127.0.0.1/', 'not_a_url'],
  ['http:\\\\127.0.0.1/', 'not_a_url'],
  ['http:/127.0.0.1/', 'not_a_url'],
  ['http:127.0.0.1', 'not_a_url'],
  ['http:///127.0.0.1/', 'not_a_url'],
  ['//127.0.0.1/', 'not_a_url'],
  ['http://127.0.0\t.1/', 'not_a_url'],
  ['http://127.0.0.1\r\nhost: a/', 'not_a_url'],
  [' http://127.0.0.1/', 'not_a_url'],
  ['http://example.com/a b', 'not_a_url'],
  ['http://example.com/\u0000', 'not_a_url'],
  ['http://127.0.0.1.5/', 'not_a_url'],
  ['http://256.256.256.256/', 'not_a_url'],
  ['http://[::1/', 'not_a_url'],
  ['http://::1/', 'not_a_url'],
  ['http://［::1］/', 'not_a_url'],
  ['http://example.com:99999/', 'not_a_url'],
  ['', 'not_a_url'],
  ['example.com', 'not_a_url'],
  ['http://[fe80::1%25eth0]/', 'host'],
  ['http://[::1%25lo]/', 'host'],
  ['http://%31%32%37.0.0.1/', 'host'],
  ['http://127.0.0.1%00.example.com/', 'host'],
  ['http://%6cocalhost/', 'host'],
  ['http://a..b/', 'host'],
  ['http://./', 'host'],
  [`http://${'a'.repeat(64)}.example/`, 'host'],
  ['http://exa*mple.com/', 'host'],
  ['http://example.com/#@127.0.0.1/', 'fragment'],
  ['http://127.0.0.1#@example.com/', 'fragment'],
  ['ftp://127.0.0.1/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://127.0.0.1:6379/_x', 'scheme'],
  ['unix:/run/postgres.sock', 'scheme'],
  ['ws://example.com/', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['http://example.com:22/', 'port'],
  ['http://example.com:6379/', 'port'],
  ['http://8.8.8.8:5432/', 'port'],
  [`http://example.com/${'a'.repeat(5_000)}`, 'too_long'],
]

test.each(DENIED)('%j is refused: %s', (url, reason) => {
  expect(checkUrl(url, open)).toMatchObject({ ok: false, reason })
})

test('a blocked address comes with what it is', () => {
  expect(checkUrl('http://[::]:5432/', open)).toEqual({ ok: false, reason: 'address_blocked', blocked: 'this_host' })
})

describe('what is let through', () => {
  test.each([
    'https://example.com/hooks?a=b%20c',
    'https://example.com:443/',
    'https://EXAMPLE.com./',
    'https://bücher.example/',
    'https://my_host/',
    'https://1.1.1.1/',
    'https://[2606:4700:4700::1111]/',
    'https://[2606:4700:4700:0:0:0:0:1111]/',
    'https://localhost/', // a name like any other: what it resolves to is judged
    'https://sub.localhost./',
  ])('%s, also by the strict policy', (url) => {
    expect(checkUrl(url, strict)).toMatchObject({ ok: true, url: new URL(url) })
  })
})

describe('what an allow-list changes', () => {
  const listed = { ...strict, allowCidrs: ['127.0.0.1/32', '::1/128'] }

  test.each([
    'http://127.0.0.1:5432/',
    'https://127.0.0.1/',
    'http://[::1]:8080/',
  ])('%s may use any port and plain http', (url) => {
    expect(checkUrl(url, listed)).toMatchObject({ ok: true })
  })

  test.each([
    ['http://127.0.0.2/', 'address_blocked'],
    ['http://127.1/', 'address_spelling'],
    ['http://8.8.8.8/', 'plain_http'],
    ['https://8.8.8.8:22/', 'port'],
    ['http://169.254.169.254/', 'address_blocked'],
  ])('%s stays refused: %s', (url, reason) => {
    expect(checkUrl(url, listed)).toMatchObject({ ok: false, reason })
  })

  test('a name on an odd port waits for its addresses only if it may resolve into the list', () => {
    expect(checkUrl('http://internal:8080/', listed)).toMatchObject({ ok: true })
    expect(checkUrl('https://internal:8080/', strict)).toEqual({ ok: false, reason: 'port' })
    expect(checkUrl('http://internal/', strict)).toEqual({ ok: false, reason: 'plain_http' })
  })
})

test('no text makes the check throw, and what passes is read the same way again', () => {
  const text = fc.oneof(
    fc.webUrl({ withFragments: true }),
    fc.string(),
    fc.string({ unit: 'binary' }).map((host) => `http://${host}/`),
  )
  fc.assert(
    fc.property(text, (url) => {
      const verdict = checkUrl(url, open)
      if (!verdict.ok) return
      expect(checkUrl(verdict.url.href, open)).toMatchObject({ ok: true })
    }),
    { numRuns: 2_000 },
  )
})
