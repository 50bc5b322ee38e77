import { describe, expect, test } from 'vitest'
import { httpFarSide } from '../../../../test/support/far-side.ts'
import { openRawDoor } from '../../../resources/outbound/raw-request.ts'
import { hookOracle } from './hook.ts'
import { statusOracle } from './status.ts'

const door = openRawDoor({ ports: [], allowHttp: false, allowCidrs: ['127.0.0.0/8'] })

async function counted(answer: string, path: string, status = 200): Promise<number> {
  await using far = await httpFarSide((response) => response.writeHead(status).end(answer))
  return await statusOracle({ url: `${far.url}/events/{id}`, path, headers: [] }, door).count('evt_1')
}

describe('a status address', () => {
  test.each([
    ['a number', '{"count":3}', '$.count', 3],
    ['a list', '{"deliveries":[{},{}]}', '$.deliveries', 2],
    ['matches', '{"events":[{"id":"evt_1"},{"id":"evt_2"},{"id":"evt_1"}]}', '$.events[?@.id=="{id}"]', 2],
    ['nothing', '{}', '$.count', 0],
    ['yes', '{"done":true}', '$.done', 1],
    ['no', '{"done":false}', '$.done', 0],
    ['null', '{"at":null}', '$.at', 0],
    ['some other value', '{"at":"2026-01-01"}', '$.at', 1],
  ])('counts %s', async (_, answer, path, count) => {
    expect(await counted(answer, path)).toBe(count)
  })

  test('an unknown event has no effects', async () => {
    expect(await counted('gone', '$.count', 404)).toBe(0)
  })

  test.each([
    ['no JSON', 'not json', 200],
    ['a list without an end', `[${'1,'.repeat(600_000)}`, 200],
    ['too deep', '['.repeat(100_000), 200],
    ['a failure', '{"count":1}', 500],
    ['a redirect', '{"count":1}', 302],
  ])('%s is no count, and never zero', async (_, answer, status) => {
    await expect(counted(answer, '$.count', status)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' })
  })

  test('what is no JSONPath is refused at once', () => {
    expect(() => statusOracle({ url: 'http://127.0.0.1/', path: '$[', headers: [] }, door)).toThrow(/not a JSONPath/)
  })
})

describe('a hook', () => {
  test('prints a number, and knows the event by its environment, never by its text', async () => {
    const oracle = hookOracle('test "$POSTERN_EVENT_ID" = "a; echo 9" && echo 2', process.env)
    expect(oracle.perEvent).toBe(true)
    expect(await oracle.count('a; echo 9')).toBe(2)
  })

  test.each([
    'echo',
    'echo -1',
    'echo 1e3',
    'echo 1; exit 1',
    'yes',
    'nonexistent-command-of-nobody',
  ])('`%s` is no count', async (command) => {
    await expect(hookOracle(command, process.env).count('x')).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' })
  })
})
