import { describe, expect, test } from 'vitest'
import { State } from './state.ts'
import { literal, textOf, withOrigins } from './value.ts'

const SCOPE = 1

function stateWith(name: string, text: string): State {
  const state = new State()
  state.create(SCOPE, undefined)
  state.set(SCOPE, name, literal(text))
  return state
}

describe('ways that part', () => {
  test('neither sees what the other writes afterwards', () => {
    const one = stateWith('target', 'asked')
    const other = one.fork()
    one.set(SCOPE, 'target', literal('/'))
    other.set(SCOPE, 'found', literal('yes'))
    expect([textOf(one.get(SCOPE, 'target')), textOf(other.get(SCOPE, 'target'))]).toEqual(['/', 'asked'])
    expect(one.get(SCOPE, 'found')).toBeUndefined()
  })

  test('what is written on many ways in turn is found on the way that wrote it', () => {
    const state = stateWith('n0', '0')
    const left: State[] = []
    for (let n = 1; n <= 200; n++) {
      left.push(state.fork())
      state.create(SCOPE + n, SCOPE)
      state.set(SCOPE + n, 'x', literal(String(n)))
      state.set(SCOPE, `n${n}`, literal(String(n)))
    }
    expect(left.map((way, n) => [way.namesOf(SCOPE).length, way.get(SCOPE + n + 1, 'x')])).toEqual(
      left.map((_, n) => [n + 1, undefined]),
    )
    expect(state.namesOf(SCOPE)).toHaveLength(201)
    expect(textOf(state.get(SCOPE + 200, 'x'))).toBe('200')
    expect(state.scopeOf(SCOPE + 200, 'n7')).toBe(SCOPE)
  })

  test('where they meet again a variable holds what it may be on either', () => {
    const one = stateWith('id', 'a')
    const other = one.fork()
    one.set(SCOPE, 'id', withOrigins({ kind: 'path', name: 'id' }))
    other.set(SCOPE, 'id', withOrigins({ kind: 'identity' }))
    other.create(2, SCOPE)
    other.set(2, 'only', literal('here'))
    one.absorb(other)
    expect(one.get(SCOPE, 'id')?.origins.map(({ kind }) => kind)).toEqual(['path', 'identity'])
    expect(textOf(one.get(2, 'only'))).toBe('here')
  })

  test('what modules made is seen on every way and changed on its own only', () => {
    const globals = stateWith('list', 'empty')
    const one = new State(globals)
    const other = new State(globals)
    one.set(SCOPE, 'list', literal('full'))
    expect([one, other, globals].map((state) => textOf(state.get(SCOPE, 'list')))).toEqual(['full', 'empty', 'empty'])
  })

  test('one that goes on as another is apart from it from then on', () => {
    const one = stateWith('a', '1')
    const other = stateWith('a', '2')
    one.become(other)
    other.set(SCOPE, 'a', literal('3'))
    expect(textOf(one.get(SCOPE, 'a'))).toBe('2')
  })
})
