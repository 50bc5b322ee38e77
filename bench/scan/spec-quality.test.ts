import { expect, test } from 'vitest'
import { scanPaths } from '../../src/scanner/scan-paths.ts'
import { corpusFaults, readCorpus, SPEC_CORPUS } from './corpus.ts'
import type { ScanReport } from './judge.ts'
import { measureQuality, renderQuality } from './quality.ts'

test('every label of the descriptions names lines that are there', () => {
  expect(corpusFaults(SPEC_CORPUS)).toEqual([])
})

test('half of the labelled descriptions are sound, and each version has both', () => {
  const cases = readCorpus(SPEC_CORPUS)
  expect(cases.length).toBeGreaterThanOrEqual(30)
  expect(cases.filter(({ sound }) => sound).length / cases.length).toBeGreaterThanOrEqual(0.4)
  for (const group of new Set(cases.map((one) => one.group)))
    expect(new Set(cases.filter((one) => one.group === group).map(({ sound }) => sound)).size, group).toBe(2)
})

test('the examiner is right about the labelled descriptions, and silent about sound ones', async () => {
  const quality = await measureQuality(readCorpus(SPEC_CORPUS), scanHere)
  expect(quality.failures).toEqual([])
  expect(quality.accusedSound.map((verdict) => `${verdict.case.group}/${verdict.case.name}`)).toEqual([])
  expect(quality.total.precision, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
  expect(quality.total.recall, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
  expect(quality.verdicts.flatMap(({ surfaces }) => surfaces.missed)).toEqual([])
})

async function scanHere(folder: string): Promise<ScanReport> {
  const { report } = await scanPaths([folder], { as: undefined, now: () => performance.now(), version: 'test' })
  return report
}
