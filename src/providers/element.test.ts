import { expect, test } from 'vitest'
import { elementText } from './element.ts'

const of = (xml: string | Buffer, name = 'Id') => elementText(Buffer.from(xml), name)

test('the only element of the name, in any namespace, with attributes', () => {
  expect(of('<a><Id>1</Id></a>')).toBe('1')
  expect(of('<a><sf:Id xsi:type="x">1</sf:Id></a>')).toBe('1')
  expect(of('<Id></Id>')).toBe('')
  expect(of('<a.b>1</a.b>', 'a.b')).toBe('1')
})

test('two of them, part of a name, or anything to be expanded is none', () => {
  for (const xml of [
    '',
    '<Id>1</Id><Id>1</Id>',
    '<Id>1</Id><x:Id>2</x:Id>',
    '<Ids>1</Ids>',
    '<MyId>1</MyId>',
    '<Id>&amp;</Id>',
    '<Id><b>1</b></Id>',
    '<Id>1',
    '<!-- <Id>1</Id> -->',
    '<![CDATA[<Id>1</Id>]]>',
    '<!DOCTYPE a [<!ENTITY x "1">]><Id>1</Id>',
  ])
    expect(of(xml), xml).toBeUndefined()
  expect(of(Buffer.from('<Id>\xff</Id>', 'latin1'))).toBeUndefined()
  for (const name of ['', 'I d', '.*', 'a'.repeat(65), '1a']) expect(of('<Id>1</Id>', name), name).toBeUndefined()
  expect(of('<axb>1</axb>', 'a.b')).toBeUndefined()
})
