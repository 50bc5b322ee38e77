import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { requestHash } from './canonical-query.ts'

const of = (url: string, method = 'get') =>
  requestHash({ method, url, headers: [], body: Buffer.alloc(0) }).toString('hex')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('Atlassian’s published example: sorted by name, repeated values joined, spaces as %20', () => {
  expect(
    of('https://host.example/path/to/service?zee_last=param&repeated=parameter%201&first=param&repeated=parameter%202'),
  ).toBe(sha256('GET&/path/to/service&first=param&repeated=parameter%201,parameter%202&zee_last=param'))
})

test.each([
  ['https://a.example', 'GET&/&'],
  ['https://a.example/', 'GET&/&'],
  ['HTTP://a.example/in', 'GET&/in&'],
  ['xhttps://a.example/in', 'GET&/&'],
  ['', 'GET&/&'],
  ['https://a.example/in/', 'GET&/in&'],
  ['https://a.example/in?jwt=x.y.z&a=1', 'GET&/in&a=1'],
  ['https://a.example/in?JWT=x', 'GET&/in&JWT=x'],
  ['https://a.example/a&b?c=d', 'GET&/a%26b&c=d'],
  ['https://a.example/in?a+b=c+d', 'GET&/in&a%20b=c%20d'],
  ['https://a.example/in?a=1,2&a=0', 'GET&/in&a=0,1%2C2'],
  ["https://a.example/in?a=!'()*~", 'GET&/in&a=%21%27%28%29%2A~'],
  ['https://a.example/in?b&a=', 'GET&/in&a=&b='],
  ['https://a.example/in?a=%C3%BC#x?y=1', 'GET&/in&a=%C3%BC'],
  ['https://a.example/in?B=1&a=1&A=1', 'GET&/in&A=1&B=1&a=1'],
])('%s', (url, canonical) => {
  expect(of(url)).toBe(sha256(canonical))
})

test('the method is part of it', () => {
  expect(of('https://a.example/in', 'post')).toBe(sha256('POST&/in&'))
})
