import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scanCode } from '../../src/scanner/code/scan-code.ts'
import { buildReport } from '../../src/scanner/report/report.ts'
import { CORPUS, corpusFaults, type LabelledCase, readCorpus } from './corpus.ts'
import { judge, type ScanReport } from './judge.ts'
import { measureQuality, renderQuality } from './quality.ts'

function aCase(over: Partial<LabelledCase> = {}): LabelledCase {
  const findings = over.findings ?? []
  return {
    group: 'python/flask',
    name: 'shop',
    folder: '/corpus/python/flask/shop',
    sound: findings.length === 0,
    about: 'a shop',
    surfaces: [{ style: 'webhook', framework: 'flask', route: '/hooks/<shop>', file: 'app.py' }],
    mustNot: [],
    ...over,
    findings,
  }
}

function aReport(...findings: readonly (readonly [rule: string, file: string, line: number])[]): ScanReport {
  return {
    surfaces: [
      {
        style: 'webhook',
        framework: 'flask',
        route: 'POST /hooks/{shop}',
        file: 'app.py',
        findings: findings.map(([rule, file, line]) => ({ rule, file, line })),
      },
    ],
  }
}

const unsafe = { rule: 'unsafe-compare', file: 'app.py', line: 20 } as const

test('a finding two lines away answers its label, three lines away it does not', () => {
  const labelled = aCase({ findings: [unsafe] })

  expect(judge(labelled, aReport(['unsafe-compare', 'app.py', 22])).hits).toEqual([unsafe])
  const far = judge(labelled, aReport(['unsafe-compare', 'app.py', 23]))
  expect(far.misses).toEqual([unsafe])
  expect(far.falseAlarms).toHaveLength(1)
})

test('the right line with another rule, or in another file, is a miss and a false alarm', () => {
  const labelled = aCase({ findings: [unsafe] })

  for (const report of [aReport(['missing-signature', 'app.py', 20]), aReport(['unsafe-compare', 'other.py', 20])]) {
    const verdict = judge(labelled, report)
    expect(verdict.misses).toHaveLength(1)
    expect(verdict.falseAlarms).toHaveLength(1)
  }
})

test('an also line answers, in the same file or another', () => {
  const labelled = aCase({ findings: [{ ...unsafe, also: [40, { file: 'lib/verify.py', line: 7 }] }] })

  expect(judge(labelled, aReport(['unsafe-compare', 'app.py', 41])).misses).toEqual([])
  expect(judge(labelled, aReport(['unsafe-compare', 'lib/verify.py', 7])).misses).toEqual([])
  expect(judge(labelled, aReport(['unsafe-compare', 'verify.py', 7])).misses).toHaveLength(1)
})

test('paths may be relative to the case or to where the command was started', () => {
  const labelled = aCase({ findings: [unsafe] })

  for (const file of ['app.py', './app.py', 'corpus/python/flask/shop/app.py', '/corpus/python/flask/shop/app.py'])
    expect(judge(labelled, aReport(['unsafe-compare', file, 20])).misses, file).toEqual([])
  expect(judge(labelled, aReport(['unsafe-compare', 'myapp.py', 20])).misses).toHaveLength(1)
})

test('two faults of one rule on neighbouring lines need two findings', () => {
  const labelled = aCase({ findings: [unsafe, { ...unsafe, line: 21 }] })

  expect(judge(labelled, aReport(['unsafe-compare', 'app.py', 21])).misses).toEqual([unsafe])
  expect(judge(labelled, aReport(['unsafe-compare', 'app.py', 21], ['unsafe-compare', 'app.py', 20])).misses).toEqual(
    [],
  )
})

test('one fault told at two surfaces is a repeat, neither right nor wrong', () => {
  const verdict = judge(aCase({ findings: [unsafe] }), {
    surfaces: [
      ...aReport(['unsafe-compare', 'app.py', 20]).surfaces,
      ...aReport(['unsafe-compare', 'app.py', 20]).surfaces,
    ],
  })

  expect(verdict.hits).toHaveLength(1)
  expect(verdict.repeats).toHaveLength(1)
  expect(verdict.falseAlarms).toEqual([])
})

test('a tolerated rule is not counted, and a named one is quoted', () => {
  const labelled = aCase({
    tolerated: ['no-body-limit'],
    mustNot: [{ rule: 'missing-freshness', why: 'the scheme signs no time' }],
  })

  const verdict = judge(labelled, aReport(['no-body-limit', 'app.py', 3], ['missing-freshness', 'app.py', 9]))

  expect(verdict.tolerated.map(({ rule }) => rule)).toEqual(['no-body-limit'])
  expect(verdict.falseAlarms).toEqual([
    { rule: 'missing-freshness', file: 'app.py', line: 9, named: 'the scheme signs no time' },
  ])
})

test('a route is the same whatever its method prefix, parameter spelling or mount point', () => {
  for (const route of ['/hooks/<shop>', 'POST /hooks/:shop', '/api/hooks/{shop:str}/', '/hooks/[shop]'])
    expect(
      judge(aCase(), { surfaces: [{ style: 'webhook', route, file: 'app.py', findings: [] }] }).surfaces.missed,
      route,
    ).toEqual([])
  expect(judge(aCase(), { surfaces: [] }).surfaces.missed).toEqual(['webhook /hooks/<shop>'])
})

test('a perfect scanner meets the target, a silent one does not, an alarmist accuses the sound', async () => {
  const cases = [aCase(), aCase({ name: 'bad', folder: '/corpus/bad', findings: [unsafe] })]
  const perfect = (folder: string) => (folder === '/corpus/bad' ? aReport(['unsafe-compare', 'app.py', 20]) : aReport())

  expect((await measureQuality(cases, perfect)).met).toBe(true)
  const silent = await measureQuality(cases, () => aReport())
  expect(silent.total).toMatchObject({ right: 0, wrong: 0, missed: 1, precision: 1, recall: 0 })
  expect(silent.met).toBe(false)
  const alarmist = await measureQuality(cases, () => aReport(['unsafe-compare', 'app.py', 20]))
  expect(alarmist.total).toMatchObject({ right: 1, wrong: 1, precision: 0.5, recall: 1 })
  expect(alarmist.accusedSound.map((verdict) => verdict.case.name)).toEqual(['shop'])
  expect(renderQuality(alarmist)).toContain('python/flask/shop (sound)\n  wrong   unsafe-compare  app.py:20')
})

test('a scan that fails counts as having found nothing and is told', async () => {
  const quality = await measureQuality([aCase()], () => {
    throw new Error('out of memory')
  })

  expect(quality.met).toBe(false)
  expect(renderQuality(quality)).toContain('python/flask/shop: the scan failed: out of memory')
})

test('every label of the corpus names lines of code that are there', () => {
  expect(corpusFaults()).toEqual([])
})

test('a scanner that says exactly what the labels say meets the target', async () => {
  const cases = readCorpus()
  const byFolder = new Map(cases.map((one) => [one.folder, one]))

  const quality = await measureQuality(cases, (folder) => ({
    surfaces: (byFolder.get(folder)?.surfaces ?? []).map((surface, index) => ({
      ...surface,
      findings: index === 0 ? (byFolder.get(folder)?.findings ?? []) : [],
    })),
  }))

  expect(quality.met).toBe(true)
  expect(quality.verdicts.flatMap((verdict) => verdict.surfaces.missed)).toEqual([])
})

test('the code scanner is right about the labelled handlers, and silent about sound ones', async () => {
  const quality = await measureQuality(readCorpus(), scanHere)
  expect(quality.failures).toEqual([])
  expect(quality.accusedSound.map((verdict) => `${verdict.case.group}/${verdict.case.name}`)).toEqual([])
  expect(quality.total.precision, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
  expect(quality.total.recall, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
}, 300_000)

test('of a sound handler whose other files are not in sight nothing is said', async () => {
  const accused: string[] = []
  for (const { group, name, folder, sound, surfaces } of readCorpus())
    for (const file of new Set(sound ? surfaces.map((surface) => surface.file) : [])) {
      const report = await scanHere(join(folder, file))
      if (report.surfaces.some(({ findings }) => findings.length > 0)) accused.push(`${group}/${name}`)
    }
  // Their checks stand in a model, as is usual there; handlers without any look the same.
  expect(accused).toEqual(['python/outbound/model-in-its-module-resolves', 'ruby/rails-sinatra/rails-subscriptions'])
}, 300_000)

async function scanHere(folder: string): Promise<ScanReport> {
  const { surfaces, sources } = await scanCode([folder], { now: () => performance.now() })
  return buildReport({ surfaces, sources, version: 'test' })
}

/** A monorepo is many services in one tree: what surrounds one must not explain or accuse another. */
test('scanned as one tree, the handlers are judged as each is alone', async () => {
  const { surfaces, sources } = await scanCode([CORPUS], { now: () => performance.now() })
  const report = buildReport({ surfaces, sources, version: 'test' })
  const quality = await measureQuality(readCorpus(), (folder) => ({
    surfaces: report.surfaces.filter(({ file }) => file?.startsWith(`${folder}/`)),
  }))
  expect(quality.accusedSound.map((verdict) => `${verdict.case.group}/${verdict.case.name}`)).toEqual([])
  expect(quality.total.precision, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
  expect(quality.total.recall, renderQuality(quality)).toBeGreaterThanOrEqual(0.95)
}, 300_000)
