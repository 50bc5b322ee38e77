import { expect, test } from 'vitest'
import { fieldText, MAX_FORM_FIELDS, readForm, soleField, sortedForm } from './form.ts'

const of = (body: string) => readForm(Buffer.from(body, 'latin1'))

test.each([
  ['', []],
  ['&', []],
  [
    '&&a=1&&b=2&',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a', [['a', '']]],
  ['a=', [['a', '']]],
  ['=1', [['', '1']]],
  ['a=b=c', [['a', 'b=c']]],
  ['a+b=c+d', [['a b', 'c d']]],
  ['%41=%2B%2b', [['A', '++']]],
  ['a=%', [['a', '%']]],
  ['a=%4', [['a', '%4']]],
  ['a=%zz%411', [['a', '%zzA1']]],
  [
    'a=1&a=1',
    [
      ['a', '1'],
      ['a', '1'],
    ],
  ],
])('%j', (body, fields) => expect(of(body)).toEqual(fields))

test('bytes that are no UTF-8 stay apart from one another', () => {
  expect(of('a=%ff')).not.toEqual(of('a=%fe'))
  expect(of('a=\xff')).toEqual(of('a=%ff'))
  expect(fieldText(of('a=%C3%BC')?.[0]?.[1] ?? '')).toBe('ü')
})

test('empty pairs are no fields and do not count', () => {
  const full = Array.from({ length: MAX_FORM_FIELDS }, () => 'a=1').join('&&')
  expect(of(`&${full}&&`)).toHaveLength(MAX_FORM_FIELDS)
  expect(of(`${full}&b`)).toBeUndefined()
})

test('a field that is there twice has no value: which one was meant is for nobody to choose', () => {
  expect(soleField(of('a=1&b=2'), 'a')).toBe('1')
  expect(soleField(of('b='), 'b')).toBe('')
  for (const body of ['a=1&a=2', 'a=1&a=1', 'b=1', '']) expect(soleField(of(body), 'a'), body).toBeUndefined()
  expect(soleField(undefined, 'a')).toBeUndefined()
})

test('sorted: by name, then the distinct values by value', () => {
  expect(sortedForm(of('b=1&a=2&B=0&a=10&a=2') ?? [])).toBe('B0a10a2b1')
  expect(sortedForm([])).toBe('')
})
