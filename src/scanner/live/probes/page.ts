/** A probe as a page: what `postern explain` prints and docs/probes holds. */
import { controlOf } from '../../../catalogue/catalogue.ts'
import type { ProbeInfo } from '../probe.ts'
import { PROBE_GROUPS, PROBES } from './registry.ts'

export function probeOf(id: string): ProbeInfo | undefined {
  return PROBES.find((probe) => probe.id === id)
}

/** With `controls`, a relative address, the controls are links. */
export function probePage(probe: ProbeInfo, { controls }: { readonly controls?: string } = {}): string {
  const named = probe.controls.map((id) => {
    const link = controls === undefined ? `\`${id}\`` : `[${id}](${controls}/${id}.md)`
    return `- Control: ${link} (${controlOf(id).title})`
  })
  return `${[
    `# ${probe.title}`,
    `\`${probe.id}\` · a probe of the live scanner${probe.alone === true ? ' · runs alone' : ''}`,
    '## What it proves',
    probe.proves,
    '## What it sends',
    probe.sends,
    '## How the answer is read',
    probe.reads,
    '## Faulty',
    example(probe.examples.faulty),
    '## Sound',
    example(probe.examples.sound),
    '## Limits',
    probe.limits,
    '## References',
    named.join('\n'),
  ].join('\n\n')}\n`
}

/** The probe in three paragraphs, for tools that show help beside a finding. */
export function probeHelp(probe: ProbeInfo): string {
  return [probe.proves, `It sends: ${probe.sends}`, `Limits: ${probe.limits}`].join('\n\n')
}

/** docs/probes/README.md. */
export function probeIndex(): string {
  const groups = PROBE_GROUPS.map(({ title, probes }) =>
    [
      `## ${title}`,
      [
        '| Probe | What it sends | Controls |',
        '| --- | --- | --- |',
        ...probes.map(
          ({ id, title: name, controls }) =>
            `| [${id}](${id}.md) | ${name} | ${controls.map((control) => `[${control}](../controls/${control}.md)`).join(', ')} |`,
        ),
      ].join('\n'),
    ].join('\n\n'),
  )
  return `${['# Probes', 'What the live scanner sends, and what that proves. How to run it: [docs/scan-live.md](../scan-live.md). Generated from `src/scanner/live/probes` by `npm run gen`.', ...groups].join('\n\n')}\n`
}

function example(text: string): string {
  return `\`\`\`http\n${text}\n\`\`\``
}
